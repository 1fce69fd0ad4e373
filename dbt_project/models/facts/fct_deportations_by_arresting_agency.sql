select
  cells.period_start,
  cells.period_end,
  main.fiscal_year(cells.period_start) as fiscal_year,
  cells.agency,
  cells.action,
  upper(cells.series) as arresting_agency,
  cells.people,
  10::bigint as rounded_to,
  cells.is_provisional,
  cells.release_id,
  cells.correction
from {{ ref('int_deportations_by_breakdown') }} as cells
where cells.breakdown = 'arresting_agency'
  and cells.series <> ''
