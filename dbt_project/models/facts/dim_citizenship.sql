with observed as (
  select distinct citizenship from {{ ref('fct_southwest_encounters_by_release') }}
  union
  select distinct citizenship from {{ ref('fct_encounters_by_release') }}
  union
  select distinct citizenship from {{ ref('fct_encounters_by_state_by_release') }}
  union
  select distinct citizenship from {{ ref('fct_deportations_by_release') }}
  union
  select distinct citizenship from {{ ref('fct_deportations_by_citizenship') }}
  union
  select distinct label as citizenship
  from {{ ref('int_ohss_by_release') }}
  where breakdown in ('citizenship', 'selected citizenship')
)

select
  observed.citizenship,
  coalesce(names.name, observed.citizenship) as name,
  names.iso3
from observed
left join {{ ref('citizenship_names') }} as names on names.citizenship = observed.citizenship
