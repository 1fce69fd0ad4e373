{{ config(materialized='table_macro', parameters=['day']) }}
select
  month,
  fiscal_year,
  agency,
  outcome,
  people,
  rounded_to,
  is_provisional,
  release_id,
  correction
from {{ in_this_file('fct_custody_outcomes_by_release') }} as cell
where {{ was_current('cell') }}
