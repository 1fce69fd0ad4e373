-- CBP's exact counts begin in FY2020, OHSS's rounded series in October 1999. Statements are not a
-- series, so they are neither added up nor interpolated.
with rounded as (
  select month, encounters, release_id
  from {{ ref('fct_border_patrol_by_sector') }}
  where sector = 'San Diego Sector'
),

custody as (
  select month, people, release_id
  from {{ ref('fct_daily_custody') }}
  where area_of_responsibility = 'San Diego Sector'
),

inadmissibles as (
  select month, people, release_id
  from {{ ref('fct_inadmissibles_by_field_office') }}
  where area_of_responsibility = 'San Diego Field Office'
),

months as (
  select unnest(generate_series(min(month), max(month), interval 1 month))::date as month
  from (
    select month from {{ ref('int_san_diego_encounters') }}
    union
    select month from rounded
    union
    select month from custody
    union
    select month from inadmissibles
  ) as known
),

covering as (
  select
    month,
    list(
      strftime(stated_on, '%Y-%m-%d') || ': ' || qualifier || ' '
      || coalesce(format('{:,}', people_at_least) || ' to ', '') || format('{:,}', people)
      || ' ' || measure || ' (' || count_type || ', ' || speaker || ')'
      order by stated_on, people, measure, count_type, speaker, qualifier
    ) as statements
  from {{ ref('san_diego_statements_by_month') }}
  group by month
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
  encounters.sector_encounters,
  encounters.field_office_encounters,
  rounded.encounters as sector_encounters_rounded,
  coalesce(len(covering.statements), 0)::bigint as statements_covering,
  coalesce(covering.statements, []) as statements,
  cumulative.lowest as lowest_cumulative_claim,
  cumulative.highest as highest_cumulative_claim,
  encounters.release_id as encounters_release_id,
  rounded.release_id as rounded_release_id,
  encounters.sector_adults,
  encounters.sector_families,
  encounters.sector_children,
  encounters.field_office_adults,
  encounters.field_office_families,
  encounters.field_office_children,
  custody.people as sector_in_custody,
  inadmissibles.people as field_office_inadmissibles,
  bounds.at_most as releases_at_most,
  bounds.at_most_derivation as releases_at_most_derivation,
  bounds.estimated_low as estimated_releases_low,
  bounds.estimated_high as estimated_releases_high,
  bounds.estimated_derivation as estimated_releases_derivation,
  {{ since_first_street_releases('bounds.at_most') }} as releases_at_most_cumulative,
  {{ since_first_street_releases('bounds.estimated_low') }} as estimated_releases_low_cumulative,
  {{ since_first_street_releases('bounds.estimated_high') }} as estimated_releases_high_cumulative,
  custody.release_id as custody_release_id,
  inadmissibles.release_id as inadmissibles_release_id
from months
left join {{ ref('int_san_diego_encounters') }} as encounters on encounters.month = months.month
left join rounded on rounded.month = months.month
left join custody on custody.month = months.month
left join inadmissibles on inadmissibles.month = months.month
left join {{ ref('int_san_diego_bounds') }} as bounds on bounds.month = months.month
left join covering on covering.month = months.month
left join cumulative on cumulative.month = months.month
window first_to_this as (partition by months.month >= date '2023-09-01' order by months.month)
