{{ config(materialized='table_macro', parameters=['day']) }}
select
  fiscal_year,
  period_start,
  period_end,
  is_partial,
  people,
  people_in_families,
  family_label,
  release_id,
  correction
from {{ in_this_file('fct_detention_removals_by_release') }} as cell
where {{ was_current('cell') }}
