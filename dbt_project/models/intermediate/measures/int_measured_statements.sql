-- What officials have stated of the measures, each figure with the bounds that its words give it.
with stated as (
  select
    statements.release_id,
    statements.stated_on,
    names.measure,
    statements.period_start,
    statements.period_end,
    statements.people,
    statements.is_exact,
    statements.is_at_least,
    statements.qualifier,
    statements.source_url
  from {{ ref('stg_official_statements') }} as statements
  inner join {{ ref('measure_names') }} as names on names.name = statements.metric
  where statements.people is not null
)

select
  release_id,
  measure,
  'All' as breakdown,
  'All' as label,
  period_start,
  period_end,
  case when qualifier = 'rounded to 10' then people - 5 else people + is_at_least::integer end as lower_bound,
  case when qualifier = 'rounded to 10' then people + 5 when not is_at_least then people end as upper_bound,
  case
    when is_exact then 'exact'
    when qualifier = 'rounded to 10' then 'rounded'
    else 'stated'
  end as kind,
  3 as preference,
  stated_on,
  source_url
from stated

union all

-- two parts that one release states on one day add up to the whole
select
  stated.release_id,
  sums.measure,
  'All',
  'All',
  stated.period_start,
  stated.period_end,
  sum(stated.people),
  sum(stated.people),
  'exact',
  3,
  stated.stated_on,
  min(stated.source_url)
from stated
inner join (
  values
  ('southwest encounters', 'southwest encounters between ports'),
  ('southwest encounters', 'southwest encounters at ports'),
  ('DHS repatriations', 'DHS removals'),
  ('DHS repatriations', 'DHS returns')
) as sums (measure, part) on sums.part = stated.measure
where stated.is_exact
group by sums.measure, stated.period_start, stated.period_end, stated.stated_on, stated.release_id
having count(distinct stated.measure) = 2

union all

select
  release_id,
  'San Diego County street releases',
  'All',
  'All',
  period_start,
  period_end,
  case
    when regexp_matches(qualifier, 'up to|as many as|nearly|almost') then 0
    when regexp_matches(qualifier, 'over|more than') then people + 1
    when regexp_matches(qualifier, 'about|around|estimated') then people * 95 // 100
    else coalesce(people_at_least, people)
  end,
  case
    when regexp_matches(qualifier, 'about|around|estimated') then people * 105 // 100
    when not regexp_matches(qualifier, 'over|more than') then people
  end,
  'stated',
  3,
  stated_on,
  url
from {{ ref('fct_street_releases') }}
where measure = 'street releases' and count_type not in ('daily average', 'weekly average')
