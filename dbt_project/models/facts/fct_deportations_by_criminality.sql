select
  cut.period_start,
  cut.period_end,
  main.fiscal_year(cut.period_start) as fiscal_year,
  cut.agency,
  cut.action,
  case cut.series when 'convicted' then 'Convicted criminal' else 'Not convicted' end as criminality,
  cut.people,
  10::bigint as rounded_to,
  cut.release_id,
  cut.correction
from {{ ref('stg_deportations_by_breakdown') }} as cut
where cut.cut = 'criminality'
  and cut.series <> ''
