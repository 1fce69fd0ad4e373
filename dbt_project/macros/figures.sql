{# A cell without the blanks, tabs and no-break spaces around it. #}
{% macro unpadded(text) -%} trim({{ text }}, concat(' ', chr(9), chr(160))) {%- endmacro %}

{# A figure as published, or as corrected. #}
{% macro corrected(column) -%}
  {%- set name = column.split('.') | last -%}
  {%- set table = column[: (column | length) - (name | length)] -%}
  case when {{ table }}corrected_column = '{{ name }}' then {{ table }}corrected_figure else {{ column }} end
{%- endmacro %}

{# The correction of one of the figures of a row. #}
{% macro correction_of(column) -%}
  case when published.corrected_column = '{{ column.split('.') | last }}' then published.correction end
{%- endmacro %}

{# A figure as a number; NULL for the marks for no figure (X, NA, D, -). #}
{% macro typed_figure(text) -%}
  try_cast(replace(split_part({{ unpadded(text) }}, '.', 1), ',', '') as bigint)
{%- endmacro %}

{# The year in `2024`, `2024 YTD` or `FY2024`. #}
{% macro typed_year(text) -%}
  try_cast(regexp_extract({{ text }}, '\d{4}') as bigint)
{%- endmacro %}

{# First and last day of a federal fiscal year. #}
{% macro fiscal_year_start(year) -%} make_date({{ year }} - 1, 10, 1) {%- endmacro %}
{% macro fiscal_year_end(year) -%} make_date({{ year }}, 9, 30) {%- endmacro %}

{# A stated date; one known only to the month is the month's first or last day. #}
{% macro first_day_of(text) -%}
  try_cast(case length(trim({{ text }})) when 7 then trim({{ text }}) || '-01' else trim({{ text }}) end as date)
{%- endmacro %}
{% macro last_day_of(text) -%}
  case length(trim({{ text }}))
    when 7 then last_day(try_cast(trim({{ text }}) || '-01' as date))
    else try_cast(trim({{ text }}) as date)
  end
{%- endmacro %}

{# First and last day of a period: a month, a date, two of either with a slash, or FY2024. #}
{% macro period_start(text) -%}
  case
    when {{ text }} like 'FY%' then {{ fiscal_year_start(typed_year(text)) }}
    else {{ first_day_of("split_part(" ~ text ~ ", '/', 1)") }}
  end
{%- endmacro %}
{% macro period_end(text) -%}
  case
    when {{ text }} like 'FY%' then {{ fiscal_year_end(typed_year(text)) }}
    when {{ text }} like '%/%' then {{ last_day_of("split_part(" ~ text ~ ", '/', 2)") }}
    else {{ last_day_of(text) }}
  end
{%- endmacro %}
