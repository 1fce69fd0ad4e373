select
  people.month,
  main.fiscal_year(people.month) as fiscal_year,
  people.component,
  coalesce(people.area_of_responsibility, {{ not_broken_down() }}) as area_of_responsibility,
  people.people,
  capacity.people as capacity,
  people.published_total,
  people.is_provisional,
  people.release_id,
  people.current_from,
  people.current_until,
  people.is_current,
  people.correction
from {{ ref('int_custody') }} as people
left join {{ ref('int_custody') }} as capacity
  on capacity.release_id = people.release_id
  and capacity.table_name = people.table_name
  and capacity.month = people.month
  and capacity.label = 'In Custody Capacity'
where people.table_name in ('border_patrol_in_custody', 'ports_in_custody')
  and people.label <> 'In Custody Capacity'
