{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  month,
  fiscal_year,
  component,
  demographic,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  is_provisional,
  release_id,
  correction
from {{ ref('fct_southwest_encounters_by_release').include(database=false) }}
where is_current
