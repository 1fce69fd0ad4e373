{{ config(materialized='table_macro', parameters=['day']) }}
select
  month,
  fiscal_year,
  period_end,
  is_partial,
  is_provisional,
  arresting_agency,
  people,
  release_id,
  correction
from {{ in_this_file('fct_detention_book_ins_by_release') }} as cell
where {{ was_current('cell') }}
