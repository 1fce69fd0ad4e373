{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
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
from {{ ref('fct_deportations_by_release').include(database=false) }}
where is_current
