{{ config(materialized='view') }}
select
  month,
  fiscal_year,
  land_border_region,
  state,
  demographic,
  citizenship,
  title_of_authority,
  encounters,
  release_id
from {{ ref('fct_encounters_by_state_by_release') }}
where is_current
