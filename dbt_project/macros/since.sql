{#
  The last earlier month whose figure was as low (`<=`) or as high (`>=`) as this month's,
  looking back no further than the latest month whose figure is unknown: an unpublished
  figure may have been lower still.
#}
{% macro since(series, comparison) -%}
  (
    select arg_max_null(case when earlier.{{ series }} is not null then earlier.month end, earlier.month)
    from spine as earlier
    where earlier.month < figures.month
      and (earlier.{{ series }} is null or earlier.{{ series }} {{ comparison }} figures.{{ series }})
      and figures.{{ series }} is not null
  )
{%- endmacro %}

{#
  Why `…_since` names a month or none: `since` (it names one), `record` (each month before is known
  and none was as low, or as high), `gap` (none was, back to a month whose figure is unknown),
  `first` (the series begins); NULL where the month's own figure is unknown.
#}
{% macro since_status(series, comparison) -%}
  case
    when figures.{{ series }} is null then null
    when {{ since(series, comparison) }} is not null then 'since'
    else (
      select
        case
          when count(earlier.{{ series }}) = 0 then 'first'
          when
            count(earlier.{{ series }})
            = date_diff('month', min(case when earlier.{{ series }} is not null then earlier.month end), figures.month)
            then 'record'
          else 'gap'
        end
      from spine as earlier
      where earlier.month < figures.month
    )
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
