select
  {{ detention_period() }},
  breakdown,
  {{ part_of('arresting_agency') }} as arresting_agency,
  {{ part_of('criminality') }} as criminality,
  {{ part_of('facility_type') }} as facility_type,
  mean as average_people,
  {{ detention_release() }}
from {{ ref('int_detention') }}
where subject = 'daily population'
