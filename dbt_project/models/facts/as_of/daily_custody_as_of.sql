{{ config(materialized='table_macro', parameters=['day']) }}
select
  month,
  fiscal_year,
  component,
  area_of_responsibility,
  people,
  capacity,
  published_total,
  is_provisional,
  release_id,
  correction
from {{ in_this_file('fct_daily_custody_by_release') }} as cell
where {{ was_current('cell') }}
