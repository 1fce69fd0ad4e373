with used as (
  select release_id, demographic_category, demographic from {{ ref('int_southwest_encounters') }}
  union
  select release_id, demographic_category, demographic from {{ ref('int_encounters_by_area') }}
  union
  select release_id, demographic_category, demographic from {{ ref('stg_cbp_nationwide_encounters_by_state') }}
)

select
  used.release_id,
  releases.published_on,
  used.demographic_category as category,
  used.demographic
from used
inner join {{ ref('stg_releases') }} as releases on releases.release_id = used.release_id
where used.demographic_category is not null
