-- Deportations as measures: OHSS's months, in all and by one breakdown, and ICE's fiscal years.
-- Each action is rounded by itself.
with months as (
  select
    release_id,
    period_start as month,
    case when rounded_to > 1 then rounded_to // 2 else 0 end as margin,
    sum(people) filter (where agency = 'DHS' and action = 'removal') as removals,
    sum(people) filter (where agency = 'DHS' and action = 'enforcement return') as enforcement_returns,
    sum(people) filter (where agency = 'DHS' and action = 'administrative return') as administrative_returns,
    sum(people) filter (where agency = 'DHS' and action = 'title 42 expulsion') as expulsions,
    sum(people) filter (where agency = 'ICE' and action = 'removal or return') as ice_removals_and_returns
  from {{ ref('fct_deportations_by_release') }}
  group by release_id, period_start, rounded_to
),

broken_down as (
  select
    cells.release_id,
    cells.month,
    tables.measure,
    tables.breakdown,
    case tables.breakdown
      when 'citizenship' then coalesce(spellings.citizenship, {{ citizenship('cells.label') }})
      else upper(cells.series)
    end as label,
    cells.people
  from {{ ref('stg_ohss_monthly_tables') }} as cells
  inner join (
    values
    ('removals_by_citizenship', 'DHS removals', 'citizenship'),
    ('removals_by_arresting_agency', 'DHS removals', 'arresting agency'),
    ('ice_removals_and_returns_by_citizenship', 'ICE removals and returns', 'citizenship'),
    ('ice_removals_and_returns_by_arresting_agency', 'ICE removals and returns', 'arresting agency')
  ) as tables (table_name, measure, breakdown) on tables.table_name = cells.table_name
  left join {{ ref('citizenship_spellings') }} as spellings
    on spellings.published = {{ citizenship('cells.label') }}
  where cells.people is not null
    and cells.series <> 'total'
)

select
  months.release_id,
  monthly.measure,
  monthly.breakdown,
  monthly.label,
  months.month as period_start,
  last_day(months.month) as period_end,
  {{ known_within('monthly.people', 'months.margin * monthly.parts') }},
  1 as preference
from months
cross join lateral (
  values
  ('DHS removals', 'All', 'All', months.removals, 1),
  ('DHS returns', 'All', 'All', months.enforcement_returns + months.administrative_returns, 2),
  (
    'DHS repatriations',
    'All',
    'All',
    months.removals + months.enforcement_returns + months.administrative_returns,
    3
  ),
  ('DHS repatriations', 'action', 'removal', months.removals, 1),
  ('DHS repatriations', 'action', 'enforcement return', months.enforcement_returns, 1),
  ('DHS repatriations', 'action', 'administrative return', months.administrative_returns, 1),
  ('DHS expulsions', 'All', 'All', months.expulsions, 1),
  ('ICE removals and returns', 'All', 'All', months.ice_removals_and_returns, 1)
) as monthly (measure, breakdown, label, people, parts)
where monthly.people is not null

union all

select
  release_id,
  measure,
  breakdown,
  label,
  month,
  last_day(month),
  {{ known_within('people', '5') }},
  1
from broken_down
-- who is in Other changes from release to release
where label not in ('', 'OTHER')

union all

select
  release_id,
  'ICE removals',
  'All',
  'All',
  period_start,
  period_end,
  people,
  case when not is_partial then people end,
  case when is_partial then 'partial' else 'exact' end,
  1
from {{ ref('fct_deportations_by_release') }}
where agency = 'ICE' and action = 'removal' and period_end is not null
