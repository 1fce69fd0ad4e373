{{ config(materialized='view') }}
select
  month,
  fiscal_year,
  component,
  demographic,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  release_id
from {{ ref('fct_southwest_encounters_by_release') }}
where is_current
