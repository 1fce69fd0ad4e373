select
  {{ detention_period() }},
  breakdown,
  {{ all_or('arresting_agency') }} as arresting_agency,
  {{ all_or('criminality') }} as criminality,
  {{ all_or('facility_type') }} as facility_type,
  mean as average_days,
  {{ detention_release() }}
from {{ ref('int_detention') }}
where subject = 'length of stay'
