{{ config(materialized='table_macro', parameters=['day']) }}
select
  month,
  fiscal_year,
  between_ports,
  at_ports,
  total,
  at_large,
  between_ports_month_change_percent,
  between_ports_year_change_percent,
  between_ports_lowest_since,
  between_ports_highest_since,
  total_month_change_percent,
  total_year_change_percent,
  total_lowest_since,
  total_highest_since,
  between_ports_lowest_since_status,
  between_ports_highest_since_status,
  total_lowest_since_status,
  total_highest_since_status,
  is_provisional,
  between_ports_release_id,
  at_ports_release_id,
  total_release_id,
  at_large_release_id
from {{ in_this_file('southwest_border_monthly_history') }} as version
where {{ was_current('version') }}
