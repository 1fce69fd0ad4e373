with encounters as (
  select
    release_id,
    month,
    'Southwest Land Border' as land_border_region,
    component,
    demographic,
    demographic_category,
    citizenship,
    title_of_authority,
    encounter_type,
    encounters,
    correction
  from {{ ref('int_southwest_encounters') }}
),

covered as (
  {{ one_release_per_month('encounters', dimensions_of('southwest')) }}
)

select
  encounters.month,
  main.fiscal_year(encounters.month) as fiscal_year,
  encounters.component,
  coalesce(names.name, encounters.demographic) as demographic,
  encounters.citizenship,
  encounters.title_of_authority,
  encounters.encounter_type,
  encounters.encounters,
  covered.is_provisional,
  encounters.release_id,
  covered.current_from,
  covered.current_until,
  covered.current_from is not null and covered.current_until is null as is_current,
  encounters.demographic as demographic_as_published,
  encounters.correction
from encounters
inner join covered
  on covered.release_id = encounters.release_id and covered.month = encounters.month
left join {{ ref('int_demographic_names') }} as names on names.category = encounters.demographic_category
