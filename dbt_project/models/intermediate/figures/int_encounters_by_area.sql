select
  release_id,
  row_number,
  month,
  land_border_region,
  component,
  area_of_responsibility,
  demographic,
  demographic_category,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  correction
from {{ ref('stg_cbp_nationwide_encounters_by_area') }}

union all

select
  release_id,
  row_number,
  month,
  land_border_region,
  component,
  area_of_responsibility,
  demographic,
  demographic_category,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  correction
from {{ ref('stg_cbp_southwest_summary_by_area') }}
