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

{# The change from an earlier month, in percent. #}
{% macro change_percent(series, before) -%}
  round(100.0 * (figures.{{ series }} - {{ before }}.{{ series }}) / nullif({{ before }}.{{ series }}, 0), 1)::double
{%- endmacro %}
