{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  month,
  fiscal_year,
  family_status,
  outcome,
  people,
  rounded_to,
  is_provisional,
  release_id,
  correction
from {{ ref('fct_custody_outcomes_by_family_status_by_release').include(database=false) }}
where is_current
