with families as (
  select
    release_id,
    any_value(row_label) as label,
    any_value(people) as people
  from {{ ref('stg_ice_removals_of_families') }}
  group by release_id
  having count(people) = 1 -- which of several is meant, nobody knows
),

dated as (
  select
    total.release_id,
    {{ current_from(['total.period_start'], ['total.period_end desc nulls last', 'releases.repost desc', 'total.release_id']) }} as current_from,
    {{ current_until(['total.period_start']) }} as current_until
  from {{ ref('stg_ice_detention_statistics') }} as total
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = total.release_id
)

select
  main.fiscal_year(total.period_start) as fiscal_year,
  total.period_start,
  total.period_end,
  total.is_partial,
  total.people,
  families.people as people_in_families,
  families.label as family_label,
  total.release_id,
  dated.current_from,
  dated.current_until,
  dated.current_from is not null and dated.current_until is null as is_current,
  total.correction
from {{ ref('stg_ice_detention_statistics') }} as total
inner join dated on dated.release_id = total.release_id
left join families on families.release_id = total.release_id
where total.people is not null
