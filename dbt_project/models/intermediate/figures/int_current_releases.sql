-- Every release with figures or statements, and whether it is current for some month, region or
-- series. A dataset that is left out here fails the check every_dataset_can_be_current.
with considered as (
  select release_id, is_current from {{ ref('fct_southwest_encounters_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_encounters_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_encounters_by_state_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_deportations_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_custody_outcomes_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_custody_outcomes_by_family_status_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_border_patrol_by_region_by_release') }}
  union all
  select release_id, is_current from {{ ref('fct_border_patrol_by_sector_by_release') }}
  union all
  select release_id, true as is_current from {{ ref('stg_cbp_at_large_split') }}
  union all
  select release_id, true as is_current from {{ ref('int_deportations_by_breakdown') }}
  union all
  select release_id, true as is_current from {{ ref('stg_official_statements') }}
  union all
  select release_id, true as is_current from {{ ref('stg_local_statements') }}
  union all
  select release_id, true as is_current from {{ ref('fct_jail_transfers_to_ice') }}
  union all
  select release_id, false as is_current from {{ ref('stg_san_diego_sheriff_ice_transfers') }}
  union all
  -- replaced where the archive has OHSS's own tables
  select release_id, false as is_current from {{ ref('stg_ohss_book_outs_summary') }}
  union all
  select release_id, is_current from {{ ref('int_custody') }}
  union all
  select release_id, is_current from {{ ref('int_detention') }}
)

select release_id, bool_or(is_current) as is_current
from considered
group by release_id
