select
  period_start as month,
  fiscal_year,
  period_end,
  period_end < last_day(period_start) as is_partial,
  data_through < {{ fiscal_year_end('fiscal_year') }} as is_provisional,
  arresting_agency,
  people,
  {{ detention_release() }}
from {{ ref('int_detention') }}
where subject = 'book-ins'
