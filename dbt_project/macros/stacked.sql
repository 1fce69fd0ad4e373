{# The rows of several tables, one below the other, with these columns of each. #}
{% macro stacked(tables, columns) -%}
  {% for table in tables -%}
  select
    {{ columns | join(',\n    ') }}
  from {{ table }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
{%- endmacro %}
