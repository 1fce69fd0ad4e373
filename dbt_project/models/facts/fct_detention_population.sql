{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  as_of_date,
  breakdown,
  arresting_agency,
  criminality,
  facility_type,
  disposition,
  people,
  release_id,
  correction
from {{ ref('fct_detention_population_by_release').include(database=false) }}
where is_current
