with counted as (
  select release_id, 'southwest' as cut, sum(encounters) as encounters
  from {{ ref('fct_southwest_encounters_by_release') }}
  group by release_id

  union all

  select release_id, 'area' as cut, sum(encounters) as encounters
  from {{ ref('fct_encounters_by_release') }}
  group by release_id

  union all

  select release_id, 'state' as cut, sum(encounters) as encounters
  from {{ ref('fct_encounters_by_state_by_release') }}
  group by release_id
)

select
  releases.release_id,
  releases.dataset,
  counted.cut,
  releases.published_on,
  releases.published_precision,
  releases.file_name,
  releases.source,
  releases.dataset_title,
  releases.publisher,
  releases.landing_page,
  releases.licence,
  releases.first_month,
  releases.last_month,
  counted.encounters::bigint as total_encounters,
  -- NULL, which fails a check, for a dataset that int_current_releases leaves out
  case
    when bool_or(current_releases.release_id is not null) over (partition by releases.dataset)
      then coalesce(current_releases.is_current, false)
  end as is_current,
  releases.source_url,
  releases.source_url_is_inferred
from {{ ref('stg_releases') }} as releases
left join counted on counted.release_id = releases.release_id
left join {{ ref('int_current_releases') }} as current_releases on current_releases.release_id = releases.release_id
