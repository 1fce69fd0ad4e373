select
  release_id,
  row_number,
  month,
  component,
  demographic,
  demographic_category,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  correction
from {{ ref('stg_cbp_southwest_encounters') }}

union all

select
  release_id,
  row_number,
  month,
  component,
  demographic,
  demographic_category,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  correction
from {{ ref('stg_cbp_southwest_summary') }}

union all

select
  release_id,
  row_number,
  month,
  component,
  demographic,
  demographic_category,
  citizenship,
  title_of_authority,
  encounter_type,
  encounters,
  correction
from {{ ref('stg_cbp_southwest_migration_pages') }}
