select
  period_start as as_of_date,
  area,
  technology,
  max(people) as people,
  max(mean) as average_days_in_program,
  {{ detention_release() }}
from {{ ref('int_detention') }}
where subject = 'alternatives to detention'
group by all
having max(people) is not null
