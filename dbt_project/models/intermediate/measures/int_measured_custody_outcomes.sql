-- Releases and paroles from CBP's custody at the southwest border as measures, from OHSS's tables.
with cells as (
  select
    release_id,
    month,
    outcome,
    'All' as breakdown,
    'All' as label,
    people,
    rounded_to
  from {{ ref('fct_custody_outcomes_by_release') }}
  where (agency = 'USBP' and outcome = 'release') or (agency = 'OFO' and outcome = 'parole')

  union all

  select
    release_id,
    month,
    outcome,
    'family status',
    family_status,
    people,
    rounded_to
  from {{ ref('fct_custody_outcomes_by_family_status_by_release') }}
  where outcome in ('release', 'parole')
)

select
  release_id,
  case outcome
    when 'release' then 'southwest releases from Border Patrol custody'
    when 'parole' then 'southwest paroles at ports'
  end as measure,
  breakdown,
  label,
  month as period_start,
  last_day(month) as period_end,
  {{ known_within('people', 'rounded_to // 2') }},
  1 as preference
from cells
