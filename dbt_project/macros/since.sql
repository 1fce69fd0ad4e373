{#
  What `since` and `since_status` need to know about the months before the month of `figures`: the
  last that was as low and as high, the last and the number of those with an unknown figure, and
  the first known one. Aggregates over `earlier`, its rows in the spine.
#}
{% macro months_before(series) -%}
  max(earlier.month) filter (earlier.{{ series }} <= figures.{{ series }}) as {{ series }}_last_lowest,
  max(earlier.month) filter (earlier.{{ series }} >= figures.{{ series }}) as {{ series }}_last_highest,
  max(earlier.month) filter (earlier.{{ series }} is null) as {{ series }}_last_unknown,
  min(earlier.month) filter (earlier.{{ series }} is not null) as {{ series }}_first_known,
  count(earlier.{{ series }}) as {{ series }}_known
{%- endmacro %}

{#
  The last earlier month whose figure was as low (`lowest`) or as high (`highest`) as this month's,
  looking back no further than the latest month whose figure is unknown: an unpublished
  figure may have been lower still.
#}
{% macro since(series, extreme) -%}
  case
    when before.{{ series }}_last_{{ extreme }} > coalesce(before.{{ series }}_last_unknown, '-infinity')
      then before.{{ series }}_last_{{ extreme }}
  end
{%- endmacro %}

{#
  Why `…_since` names a month or none: `since` (it names one), `record` (each month before is known
  and none was as low, or as high), `gap` (none was, back to a month whose figure is unknown),
  `first` (the series begins); NULL where the month's own figure is unknown.
#}
{% macro since_status(series, extreme) -%}
  case
    when figures.{{ series }} is null then null
    when {{ since(series, extreme) }} is not null then 'since'
    when before.{{ series }}_known = 0 then 'first'
    when before.{{ series }}_known = date_diff('month', before.{{ series }}_first_known, figures.month) then 'record'
    else 'gap'
  end
{%- endmacro %}

{# The change from an earlier month, in percent. #}
{% macro change_percent(series, before) -%}
  round(100.0 * (figures.{{ series }} - {{ before }}.{{ series }}) / nullif({{ before }}.{{ series }}, 0), 1)::double
{%- endmacro %}

{#
  The sum of a monthly figure from September 2023, when the street releases began, to this month;
  NULL from the first month on whose figure is unknown.
#}
{% macro since_first_street_releases(figure) -%}
  case
    when months.month >= date '2023-09-01'
      and count({{ figure }}) over first_to_this = count(months.month) over first_to_this
      then (sum({{ figure }}) over first_to_this)::bigint
  end
{%- endmacro %}
