{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  fiscal_year,
  period,
  period_start,
  period_end,
  is_partial,
  is_provisional,
  breakdown,
  arresting_agency,
  criminality,
  facility_type,
  average_days,
  release_id,
  correction
from {{ ref('fct_detention_length_of_stay_by_release').include(database=false) }}
where is_current
