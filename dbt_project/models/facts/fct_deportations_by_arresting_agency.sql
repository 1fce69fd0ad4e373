select
  cut.period_start,
  cut.period_end,
  main.fiscal_year(cut.period_start) as fiscal_year,
  cut.agency,
  cut.action,
  upper(cut.series) as arresting_agency,
  cut.people,
  10::bigint as rounded_to,
  cut.release_id,
  cut.correction
from {{ ref('stg_deportations_by_breakdown') }} as cut
where cut.cut = 'arresting_agency'
  and cut.series <> ''
