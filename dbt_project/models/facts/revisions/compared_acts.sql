-- Every act of the compared periods as the two releases tell it; NULL where one does not.
with told as (
  select
    cell.agency,
    cell.action,
    cell.period_start,
    cell.period_end,
    cell.people,
    cell.release_id,
    lag(cell.release_id) over (
      partition by cell.agency, cell.action, cell.period_start
      order by cell.current_from
    ) as replaced_release_id
  from {{ ref('fct_deportations_by_release') }} as cell
  where cell.current_from is not null
),

pairs as (
  select distinct agency, replaced_release_id as earlier_release_id, release_id as later_release_id
  from told
  where replaced_release_id is not null
),

periods as (
  select distinct pairs.agency, pairs.earlier_release_id, pairs.later_release_id, earlier.period_start
  from pairs
  inner join told as earlier on earlier.agency = pairs.agency and earlier.release_id = pairs.earlier_release_id
  inner join told as later
    on later.agency = pairs.agency
    and later.release_id = pairs.later_release_id
    and later.period_start = earlier.period_start
),

sides as (
  {% for side in ['earlier', 'later'] -%}
  select
    periods.agency,
    periods.earlier_release_id,
    periods.later_release_id,
    periods.period_start,
    told.action,
    {{ 'told.period_end' if side == 'earlier' else 'null' }} as period_end_before,
    {{ 'told.period_end' if side == 'later' else 'null' }} as period_end_after,
    {{ 'told.people' if side == 'earlier' else 'null' }} as people_before,
    {{ 'told.people' if side == 'later' else 'null' }} as people_after
  from periods
  inner join told
    on told.agency = periods.agency
    and told.period_start = periods.period_start
    and told.release_id = periods.{{ side }}_release_id
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  agency,
  earlier_release_id,
  later_release_id,
  period_start,
  action,
  max(period_end_before) as period_end_before,
  max(period_end_after) as period_end_after,
  max(people_before) as people_before,
  max(people_after) as people_after
from sides
group by all
