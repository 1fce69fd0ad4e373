with observed as (
  select
    area_of_responsibility,
    component,
    string_agg(distinct land_border_region, ', ' order by land_border_region) as land_border_regions
  from {{ ref('fct_encounters_by_release') }}
  group by area_of_responsibility, component
)

select
  observed.area_of_responsibility,
  observed.component,
  max(vocabulary.abbreviation) as abbreviation,
  case observed.component when 'U.S. Border Patrol' then 'sector' else 'field office' end as kind,
  observed.land_border_regions
from observed
left join {{ source('raw', 'vocabulary') }} as vocabulary
  on vocabulary.dimension = 'area_of_responsibility' and vocabulary.label = observed.area_of_responsibility
group by observed.area_of_responsibility, observed.component, observed.land_border_regions
