with observed as (
  select distinct demographic, demographic_as_published from {{ ref('fct_southwest_encounters_by_release') }}
  union
  select distinct demographic, demographic_as_published from {{ ref('fct_encounters_by_release') }}
  union
  select distinct demographic, demographic_as_published from {{ ref('fct_encounters_by_state_by_release') }}
)

select
  observed.demographic,
  string_agg(distinct observed.demographic_as_published, ', ' order by observed.demographic_as_published)
    as published_as,
  max(vocabulary.meaning) as meaning
from observed
left join {{ source('raw', 'vocabulary') }} as vocabulary
  on vocabulary.dimension = 'demographic' and vocabulary.label = observed.demographic
group by observed.demographic
