select
  cells.period_start,
  cells.period_end,
  main.fiscal_year(cells.period_start) as fiscal_year,
  cells.agency,
  cells.action,
  coalesce(spellings.citizenship, {{ citizenship('cells.label') }}) as citizenship,
  cells.people,
  10::bigint as rounded_to,
  cells.is_provisional,
  cells.release_id,
  cells.correction
from {{ ref('int_deportations_by_breakdown') }} as cells
left join {{ ref('citizenship_spellings') }} as spellings on spellings.published = {{ citizenship('cells.label') }}
where cells.breakdown = 'citizenship'
