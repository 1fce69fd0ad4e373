with figures as (
  select agency, action, period_start, period_end, people, release_id, current_from
  from {{ ref('fct_deportations_by_release') }}
),

consecutive as (
  select
    agency,
    lag(release_id) over (
      partition by agency, action, period_start
      order by current_from
    ) as earlier_release_id,
    release_id as later_release_id
  from figures
  where current_from is not null
),

-- Two releases are compared in all their actions: a release may be current for some of them only,
-- where another of the same day has the others.
pairs as (
  select distinct agency, earlier_release_id, later_release_id
  from consecutive
  where earlier_release_id is not null
),

periods as (
  select distinct pairs.agency, pairs.earlier_release_id, pairs.later_release_id, earlier.period_start
  from pairs
  inner join figures as earlier on earlier.agency = pairs.agency and earlier.release_id = pairs.earlier_release_id
  inner join figures as later
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
    figures.action,
    {{ 'figures.period_end' if side == 'earlier' else 'null' }} as period_end_before,
    {{ 'figures.period_end' if side == 'later' else 'null' }} as period_end_after,
    {{ 'figures.people' if side == 'earlier' else 'null' }} as people_before,
    {{ 'figures.people' if side == 'later' else 'null' }} as people_after
  from periods
  inner join figures
    on figures.agency = periods.agency
    and figures.period_start = periods.period_start
    and figures.release_id = periods.{{ side }}_release_id
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
