{{ config(materialized='table_macro', parameters=['day']) }}
select
  period_start,
  period_end,
  fiscal_year,
  agency,
  action,
  citizenship,
  people,
  rounded_to,
  is_partial,
  is_provisional,
  release_id,
  correction
from {{ in_this_file('fct_deportations_by_release') }} as cell
where {{ was_current('cell') }}
