-- What official counts say of releases in San Diego, where nobody publishes them.
with brought_in as (
  -- the highest of several statements; a daily average is of every day of its months
  select
    encounters.month,
    max(statements.people * case statements.count_type when 'daily average' then day(last_day(encounters.month)) else 1 end) as people,
    max(statements.stated_on) as stated_on
  from {{ ref('int_san_diego_encounters') }} as encounters
  inner join {{ ref('fct_street_releases') }} as statements
    on coalesce(statements.period_start, statements.stated_on) <= last_day(encounters.month)
    and coalesce(statements.period_end, statements.stated_on) >= encounters.month
  where statements.measure = 'brought in for processing'
  group by encounters.month
),

estimated as (
  select
    encounters.month,
    coalesce(encounters.sector_adults, 0) * coalesce(rates.of_adults, 0)
    + coalesce(encounters.sector_families, 0) * coalesce(rates.of_families, 0)
    + coalesce(encounters.sector_children, 0) * coalesce(rates.of_children, 0) as by_family_status,
    encounters.sector_encounters * rates.of_everyone as at_one_rate,
    coalesce(rates.of_adults, 0) as of_adults,
    coalesce(rates.of_families, 0) as of_families,
    rates.of_everyone
  from {{ ref('int_san_diego_encounters') }} as encounters
  inner join {{ ref('int_southwest_release_rates') }} as rates on rates.month = encounters.month
  where encounters.sector_encounters is not null
)

select
  encounters.month,
  encounters.sector_encounters + encounters.field_office_encounters + coalesce(brought_in.people, 0) as at_most,
  format(
    'Nobody is released who was not encountered: {:,} people in San Diego Sector and {:,} at the ports of San Diego Field Office',
    encounters.sector_encounters,
    encounters.field_office_encounters
  )
  || coalesce(
    format(
      ', and up to {:,} whom the Border Patrol brought from other sectors, as stated on {}.',
      brought_in.people,
      strftime(brought_in.stated_on, '%Y-%m-%d')
    ),
    '. People brought from other sectors would come on top: no release counts them, and no statement on them covers the month.'
  ) as at_most_derivation,
  round(least(estimated.by_family_status, estimated.at_one_rate), -2)::bigint as estimated_low,
  round(greatest(estimated.by_family_status, estimated.at_one_rate), -2)::bigint as estimated_high,
  format(
    'An estimate of this project, not a count. Of those whom it encountered at the southwest border, the Border Patrol released '
    || '{:.0f} % of single adults and {:.0f} % of people in families; of those in San Diego Sector that would be {:,}. '
    || 'At one rate for all, {:.0f} %, it would be {:,}.',
    100 * estimated.of_adults,
    100 * estimated.of_families,
    round(estimated.by_family_status, -2)::bigint,
    100 * estimated.of_everyone,
    round(estimated.at_one_rate, -2)::bigint
  ) as estimated_derivation
from {{ ref('int_san_diego_encounters') }} as encounters
left join brought_in on brought_in.month = encounters.month
left join estimated on estimated.month = encounters.month
