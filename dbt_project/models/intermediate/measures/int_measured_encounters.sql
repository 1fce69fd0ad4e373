-- The encounters of CBP's files as measures: exact counts, in all and by one breakdown.
with cells as (
  select
    release_id,
    month,
    component,
    'Southwest Land Border' as region,
    demographic,
    citizenship,
    {{ not_broken_down() }} as area,
    encounters
  from {{ ref('fct_southwest_encounters_by_release') }}

  union all

  -- CBP's nationwide file, which has the southwest border in it
  select
    release_id,
    month,
    component,
    land_border_region,
    demographic,
    citizenship,
    area_of_responsibility,
    encounters
  from {{ ref('fct_encounters_by_release') }}
),

-- first of all, since there are far fewer sums than cells
summed as (
  select
    release_id,
    month,
    component,
    region,
    case
      when grouping(demographic) = 0 then 'demographic'
      when grouping(citizenship) = 0 then 'citizenship'
      when grouping(area) = 0 then 'area'
      else 'All'
    end as breakdown,
    coalesce(demographic, citizenship, area, 'All') as label,
    sum(encounters) as people
  from cells
  group by grouping sets (
    (release_id, month, component, region),
    (release_id, month, component, region, demographic),
    (release_id, month, component, region, citizenship),
    (release_id, month, component, region, area)
  )
),

of_subjects as (
  select
    'southwest encounters' as subject,
    release_id,
    month,
    component,
    breakdown,
    label,
    people
  from summed
  -- the southwest files name four citizenships, the nationwide ones 21: OTHER is not the same
  where region = 'Southwest Land Border' and not (breakdown = 'citizenship' and label = 'OTHER')

  union all

  select
    'nationwide encounters',
    summed.release_id,
    summed.month,
    summed.component,
    nationwide.breakdown,
    nationwide.label,
    summed.people
  from summed
  cross join lateral (
    values
    (summed.breakdown, summed.label),
    (case when summed.breakdown = 'All' then 'region' end, summed.region)
  ) as nationwide (breakdown, label)
  where nationwide.breakdown is not null
    -- the bundled sums are of the southwest border only
    and summed.release_id in (
      select others.release_id from summed as others where others.region <> 'Southwest Land Border'
    )
),

-- a month of a release that lacks a component has no total
of_measures as (
  select
    release_id,
    month,
    breakdown,
    label,
    people,
    subject || case component
      when 'U.S. Border Patrol' then ' between ports'
      when 'Office of Field Operations' then ' at ports'
    end as measure
  from of_subjects

  union all

  select release_id, month, breakdown, label, people, subject
  from of_subjects
  qualify min(component) over (partition by subject, release_id, month)
    <> max(component) over (partition by subject, release_id, month)
)

select
  release_id,
  measure,
  breakdown,
  label,
  month as period_start,
  last_day(month) as period_end,
  sum(people) as lower_bound,
  sum(people) as upper_bound,
  'exact' as kind,
  1 as preference
from of_measures
where measure is not null
  and label <> {{ not_broken_down() }}
group by release_id, month, measure, breakdown, label

union all

select
  release_id,
  'southwest encounters',
  'All',
  'All',
  month,
  last_day(month),
  sum(encounters),
  sum(encounters),
  'exact',
  1
from {{ ref('fct_encounters_by_state_by_release') }}
where land_border_region = 'Southwest Land Border'
group by month, release_id

union all

select
  release_id,
  'southwest encounters between ports',
  'All',
  'All',
  month,
  last_day(month),
  between_ports as lower_bound,
  between_ports as upper_bound,
  'exact',
  11  -- later than the files, and only where none of them has the month
from {{ ref('stg_cbp_at_large_split') }}
