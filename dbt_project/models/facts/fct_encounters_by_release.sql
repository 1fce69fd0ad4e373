with encounters as (
  select
    release_id,
    month,
    land_border_region,
    component,
    area_of_responsibility,
    demographic,
    demographic_category,
    citizenship,
    title_of_authority,
    encounter_type,
    encounters,
    correction
  from {{ ref('int_encounters_by_area') }}
),

covered as (
  {{ one_release_per_month('encounters', dimensions_of('area')) }}
)

select
  encounters.month,
  main.fiscal_year(encounters.month) as fiscal_year,
  encounters.land_border_region,
  encounters.component,
  encounters.area_of_responsibility,
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
  on covered.release_id = encounters.release_id
  and covered.month = encounters.month
  and covered.land_border_region = encounters.land_border_region
left join {{ ref('int_demographic_names') }} as names on names.category = encounters.demographic_category
