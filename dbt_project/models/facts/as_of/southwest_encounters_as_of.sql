{{ config(materialized='table_macro', parameters=['day']) }}
select
  cell.month,
  cell.fiscal_year,
  cell.component,
  coalesce(renamed.name, cell.demographic_as_published) as demographic,
  cell.citizenship,
  cell.title_of_authority,
  cell.encounter_type,
  cell.encounters,
  cell.is_provisional,
  cell.release_id,
  cell.correction
from {{ in_this_file('fct_southwest_encounters_by_release') }} as cell
{{ join_new_name() }}
where {{ was_current('cell') }}
