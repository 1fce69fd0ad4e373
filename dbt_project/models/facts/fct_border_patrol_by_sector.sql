{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  month,
  fiscal_year,
  sector,
  encounters,
  rounded_to,
  is_provisional,
  release_id,
  correction
from {{ ref('fct_border_patrol_by_sector_by_release').include(database=false) }}
where is_current
