{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
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
from {{ ref('fct_detention_removals_by_release').include(database=false) }}
where is_current
