{{ config(materialized='table_macro', parameters=['day']) }}
select
  month,
  fiscal_year,
  component,
  breakdown,
  category,
  people,
  published_total,
  is_provisional,
  release_id,
  correction
from {{ in_this_file('fct_custody_dispositions_by_release') }} as cell
where {{ was_current('cell') }}
