-- A category that CBP renamed (UC / Single Minors, now UAC) goes by the name in the newest
-- release of any cut, so that one person's word for it holds in every table. Where both
-- names are in equally new releases, the later name holds: the category is called by it.
with used as (
  select distinct release_id, demographic_category, demographic from {{ ref('stg_southwest_encounters') }}
  union
  select distinct release_id, demographic_category, demographic from {{ ref('stg_encounters_by_area') }}
  union
  select distinct release_id, demographic_category, demographic from {{ ref('stg_encounters_by_state') }}
)

select
  used.demographic_category as category,
  arg_max(
    used.demographic,
    (releases.published_on, used.demographic = used.demographic_category, used.release_id, used.demographic)
  ) as name
from used
inner join {{ ref('stg_releases') }} as releases on releases.release_id = used.release_id
where used.demographic_category is not null
group by used.demographic_category
