{{ config(materialized='table_macro', parameters=['day']) }}
select
  fiscal_year,
  period,
  period_start,
  period_end,
  is_partial,
  is_provisional,
  scope,
  reason,
  criminality,
  people,
  release_id,
  correction
from {{ in_this_file('fct_detention_book_outs_by_release') }} as cell
where {{ was_current('cell') }}
