{# The headline series as it is, or, in a table macro, as it was on the macro's day. #}
{% macro southwest_border_monthly(as_of=false) -%}
{{ current_rows('southwest_border_monthly_history', [
  'month',
  'fiscal_year',
  'between_ports',
  'at_ports',
  'total',
  'at_large',
  'between_ports_month_change_percent',
  'between_ports_year_change_percent',
  'between_ports_lowest_since',
  'between_ports_highest_since',
  'total_month_change_percent',
  'total_year_change_percent',
  'total_lowest_since',
  'total_highest_since',
  'between_ports_lowest_since_status',
  'between_ports_highest_since_status',
  'total_lowest_since_status',
  'total_highest_since_status',
  'is_provisional',
  'between_ports_release_id',
  'at_ports_release_id',
  'total_release_id',
  'at_large_release_id'
], as_of) }}
{%- endmacro %}
