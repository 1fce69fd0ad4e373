select
  period_start as as_of_date,
  breakdown,
  {{ part_of('arresting_agency') }} as arresting_agency,
  {{ part_of('criminality') }} as criminality,
  {{ part_of('facility_type') }} as facility_type,
  {{ part_of('disposition') }} as disposition,
  people,
  {{ detention_release() }}
from {{ ref('int_detention') }}
where subject = 'population'
