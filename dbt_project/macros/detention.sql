{# The label on one of the axes of a table of ICE's detention statistics; NULL where it has none. #}
{% macro on_axis(dimension) -%}
  case '{{ dimension }}'
    when axes.group_dimension then coalesce(group_entry.label, published.row_group)
    when axes.row_dimension then coalesce(row_entry.label, published.row_label)
    when axes.column_dimension then column_entry.label
  end
{%- endmacro %}

{# A label of a part; what a table does not break down reads so. #}
{% macro part_of(column) -%} coalesce({{ column }}, {{ not_broken_down() }}) {%- endmacro %}

{# A label of an average, of which those of all people are rows as well. #}
{% macro all_or(column) -%}
  case when {{ column }} = 'total' then 'All' else coalesce({{ column }}, 'All') end
{%- endmacro %}

{# The period of a figure of int_detention, and whether it is complete. #}
{% macro detention_period() -%}
  fiscal_year,
  period,
  period_start,
  period_end,
  period_end < case period when 'month' then last_day(period_start) else {{ fiscal_year_end('fiscal_year') }} end as is_partial,
  data_through < {{ fiscal_year_end('fiscal_year') }} as is_provisional
{%- endmacro %}

{# From which release a figure of int_detention is, and when that was current. #}
{% macro detention_release() -%}
  release_id,
  current_from,
  current_until,
  is_current,
  correction
{%- endmacro %}

{# First day of a month in a fiscal year, by the name that detention_month lists. #}
{% macro fiscal_month(fiscal_year, name) -%}
  (
    {{ fiscal_year_start(fiscal_year) }}
    + to_months(
      list_position(['OCT', 'NOV', 'DEC', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP'], {{ name }}) - 1
    )
  )::date
{%- endmacro %}

{# The rows of a fact of ICE's detention statistics that are current, or, in a table macro, were on
   its day. Without the database's name, so that the file can be copied or attached under another
   name. #}
{% macro detention_figures(fact, as_of=false) -%}
  {%- set period = ['fiscal_year', 'period', 'period_start', 'period_end', 'is_partial', 'is_provisional'] -%}
  {%- set columns = {
    'fct_detention_book_ins': ['month', 'fiscal_year', 'period_end', 'is_partial', 'is_provisional', 'arresting_agency', 'people'],
    'fct_detention_book_outs': period + ['scope', 'reason', 'criminality', 'people'],
    'fct_detention_daily_population': period + ['breakdown', 'arresting_agency', 'criminality', 'facility_type', 'average_people'],
    'fct_detention_length_of_stay': period + ['breakdown', 'arresting_agency', 'criminality', 'facility_type', 'average_days'],
    'fct_detention_removals': ['fiscal_year', 'period_start', 'period_end', 'is_partial', 'people', 'people_in_families', 'family_label'],
  }[fact] -%}
{{ current_rows(fact ~ '_by_release', columns + ['release_id', 'correction'], as_of) }}
{%- endmacro %}
