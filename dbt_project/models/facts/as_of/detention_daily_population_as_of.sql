{{ config(materialized='table_macro', parameters=['day']) }}
select
  fiscal_year,
  period,
  period_start,
  period_end,
  is_partial,
  is_provisional,
  breakdown,
  arresting_agency,
  criminality,
  facility_type,
  average_people,
  release_id,
  correction
from {{ in_this_file('fct_detention_daily_population_by_release') }} as cell
where {{ was_current('cell') }}
