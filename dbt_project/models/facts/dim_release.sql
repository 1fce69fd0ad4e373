with southwest as (
  select release_id, 'southwest' as cut, sum(encounters) as encounters, bool_or(is_current) as is_current
  from {{ ref('fct_southwest_encounters_by_release') }} group by release_id
),

area as (
  select release_id, 'area' as cut, sum(encounters) as encounters, bool_or(is_current) as is_current
  from {{ ref('fct_encounters_by_release') }} group by release_id
),

state as (
  select release_id, 'state' as cut, sum(encounters) as encounters, bool_or(is_current) as is_current
  from {{ ref('fct_encounters_by_state_by_release') }} group by release_id
),

counted as (
  select * from southwest
  union all
  select * from area
  union all
  select * from state
),

current_elsewhere as (
  select release_id from {{ ref('stg_at_large_split') }}
  union
  select release_id from {{ ref('fct_deportations_by_release') }} where is_current
  union
  select release_id from {{ ref('stg_deportations_by_breakdown') }}
  union
  select release_id from {{ ref('fct_border_patrol_by_region_by_release') }} where is_current
  union
  select release_id from {{ ref('fct_border_patrol_by_sector_by_release') }} where is_current
  union
  select release_id from {{ ref('stg_official_statements') }}
  union
  select release_id from {{ ref('stg_street_releases') }}
)

select
  releases.release_id,
  releases.dataset,
  counted.cut,
  releases.published_on,
  releases.published_precision,
  releases.file_name,
  releases.source,
  releases.first_month,
  releases.last_month,
  counted.encounters::bigint as total_encounters,
  coalesce(counted.is_current, false) or current_elsewhere.release_id is not null as is_current
from {{ ref('stg_releases') }} as releases
left join counted on counted.release_id = releases.release_id
left join current_elsewhere on current_elsewhere.release_id = releases.release_id
