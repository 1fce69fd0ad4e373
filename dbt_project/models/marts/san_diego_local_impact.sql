-- CBP's exact counts begin in FY2020, OHSS's rounded series in October 1999. Statements are not a
-- series, so they are neither added up nor interpolated.
with encounters as (
  select
    month,
    sum(encounters) filter (where area_of_responsibility = 'San Diego Sector') as sector_encounters,
    sum(encounters) filter (where area_of_responsibility = 'San Diego Field Office') as field_office_encounters,
    any_value(release_id) as encounters_release_id
  from {{ ref('fct_encounters') }}
  where area_of_responsibility in ('San Diego Sector', 'San Diego Field Office')
    and land_border_region = 'Southwest Land Border'
  group by month
),

rounded as (
  select month, encounters, release_id
  from {{ ref('fct_border_patrol_by_sector') }}
  where sector = 'San Diego Sector'
),

months as (
  select month from encounters
  union
  select month from rounded
),

covering as (
  select
    months.month,
    list(
      strftime(statements.stated_on, '%Y-%m-%d') || ': ' || statements.qualifier || ' '
      || coalesce(format('{:,}', statements.people_at_least) || ' to ', '') || format('{:,}', statements.people)
      || ' ' || statements.measure || ' (' || statements.count_type || ', ' || statements.speaker || ')'
      order by
        statements.stated_on, statements.people, statements.measure, statements.count_type,
        statements.speaker, statements.qualifier
    ) as statements
  from months
  inner join {{ ref('fct_street_releases') }} as statements
    on statements.period_start <= last_day(months.month)
    and statements.period_end >= months.month
  group by months.month
),

-- claims about the whole time from the first street releases, on 13 September 2023, to a day in
-- this month
cumulative as (
  select
    date_trunc('month', period_end)::date as month,
    min(coalesce(people_at_least, people)) as lowest,
    max(people) as highest
  from {{ ref('fct_street_releases') }}
  where measure = 'street releases'
    and period_start <= date '2023-09-13'
  group by date_trunc('month', period_end)
)

select
  months.month,
  main.fiscal_year(months.month) as fiscal_year,
  encounters.sector_encounters::bigint as sector_encounters,
  encounters.field_office_encounters::bigint as field_office_encounters,
  rounded.encounters as sector_encounters_rounded,
  coalesce(len(covering.statements), 0)::bigint as statements_covering,
  coalesce(covering.statements, []) as statements,
  cumulative.lowest as lowest_cumulative_claim,
  cumulative.highest as highest_cumulative_claim,
  encounters.encounters_release_id,
  rounded.release_id as rounded_release_id
from months
left join encounters on encounters.month = months.month
left join rounded on rounded.month = months.month
left join covering on covering.month = months.month
left join cumulative on cumulative.month = months.month
