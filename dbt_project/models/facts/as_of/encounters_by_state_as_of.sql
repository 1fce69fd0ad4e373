{{ config(materialized='table_macro', parameters=['day']) }}
select
  cell.month,
  cell.fiscal_year,
  cell.land_border_region,
  cell.state,
  coalesce(renamed.name, cell.demographic_as_published) as demographic,
  cell.citizenship,
  cell.title_of_authority,
  cell.encounters,
  cell.is_provisional,
  cell.release_id,
  cell.correction
from {{ in_this_file('fct_encounters_by_state_by_release') }} as cell
{{ join_new_name() }}
where {{ was_current('cell') }}
