with total as (
  select
    release_id,
    table_name,
    month,
    people
  from {{ ref('stg_cbp_custody_and_transfer_statistics') }}
  where is_total
),

dated as (
  select
    covered.release_id,
    covered.table_name,
    covered.month,
    {{ current_from(
      ['covered.table_name', 'covered.month'],
      ['releases.repost desc', 'covered.release_id']
    ) }} as current_from,
    {{ current_until(['covered.table_name', 'covered.month']) }} as current_until,
    {{ is_provisional('covered.month', ['covered.release_id', 'covered.table_name']) }} as is_provisional
  from (
    select distinct
      release_id,
      table_name,
      month
    from {{ ref('stg_cbp_custody_and_transfer_statistics') }}
    where {{ is_part() }}
  ) as covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
)

select
  published.release_id,
  published.table_name,
  published.month,
  published.component,
  published.label,
  published.area_of_responsibility,
  published.people,
  total.people as published_total,
  dated.is_provisional,
  dated.current_from,
  dated.current_until,
  dated.current_from is not null and dated.current_until is null as is_current,
  published.correction
from {{ ref('stg_cbp_custody_and_transfer_statistics') }} as published
inner join dated
  on dated.release_id = published.release_id
  and dated.table_name = published.table_name
  and dated.month = published.month
left join total
  on total.release_id = published.release_id
  and total.table_name = published.table_name
  and total.month = published.month
where {{ is_part('published.') }}
