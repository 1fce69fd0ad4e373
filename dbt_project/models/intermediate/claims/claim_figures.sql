{{ config(materialized='table') }}
-- An exact count by CBP is the first choice, before rounded, partial and merely stated figures.
with encounters as (
  select
    release_id,
    month,
    true as is_first_choice,
    sum(encounters) filter (where component = 'U.S. Border Patrol') as between_ports,
    sum(encounters) filter (where component = 'Office of Field Operations') as at_ports
  from {{ ref('fct_southwest_encounters_by_release') }}
  group by release_id, month

  union all

  select
    release_id,
    month,
    true as is_first_choice,
    sum(encounters) filter (where component = 'U.S. Border Patrol') as between_ports,
    sum(encounters) filter (where component = 'Office of Field Operations') as at_ports
  from {{ ref('fct_encounters_by_release') }}
  where land_border_region = 'Southwest Land Border'
  group by release_id, month

  union all

  select release_id, month, false as is_first_choice, between_ports, null as at_ports
  from {{ ref('stg_cbp_at_large_split') }}

  union all

  select release_id, month, false as is_first_choice, between_ports, at_ports
  from {{ ref('int_southwest_rounded') }}
),

deportations as (
  select
    release_id,
    period_start as month,
    sum(people) filter (where action = 'removal') as removals,
    sum(people) filter (where action in ('enforcement return', 'administrative return')) as returns
  from {{ ref('fct_deportations_by_release') }}
  where agency = 'DHS'
    and action in ('removal', 'enforcement return', 'administrative return')
  group by release_id, period_start
  having count(*) = 3
),

-- statements about one month
stated as (
  select
    statements.release_id,
    statements.stated_on,
    metrics.series,
    statements.period_start as month,
    statements.people,
    statements.is_exact
  from {{ ref('stg_official_statements') }} as statements
  inner join {{ ref('claim_metrics') }} as metrics on metrics.metric = statements.metric
  where date_trunc('month', statements.period_start) = date_trunc('month', statements.period_end)
    and not statements.is_at_least
),

published as (
  select release_id, month, 'southwest border encounters between ports' as series, between_ports as value, is_first_choice
  from encounters
  union all
  select release_id, month, 'southwest border encounters at ports', at_ports, is_first_choice
  from encounters
  union all
  select release_id, month, 'southwest border encounters', between_ports + at_ports, is_first_choice
  from encounters
  union all
  select release_id, month, 'southwest border share at ports', 100.0 * at_ports / (between_ports + at_ports), is_first_choice
  from encounters
  union all
  select release_id, month, 'southwest border encounters', sum(encounters), true
  from {{ ref('fct_encounters_by_state_by_release') }}
  where land_border_region = 'Southwest Land Border'
  group by release_id, month
  union all
  select release_id, month, 'DHS removals', removals, true
  from deportations
  union all
  select release_id, month, 'DHS returns', returns, true
  from deportations
  union all
  select release_id, month, 'DHS removals and returns', removals + returns, true
  from deportations
)

select
  published.series,
  published.month,
  published.value::double as value,
  published.is_first_choice,
  -- at equal dates a file, then a transcription, then a statement
  case when contains(releases.dataset, '_summary') then 2 else 1 end as preference,
  releases.published_on,
  published.release_id
from published
inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
where published.value is not null

union all

select series, month, people::double, is_exact, 3, stated_on, release_id
from stated

union all

-- both components stated on one day in one release add up to a total
select
  'southwest border encounters',
  month,
  sum(people)::double,
  bool_and(is_exact),
  3,
  stated_on,
  release_id
from stated
where series in ('southwest border encounters between ports', 'southwest border encounters at ports')
group by month, stated_on, release_id
having count(distinct series) = 2
