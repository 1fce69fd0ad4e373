select
  month,
  main.fiscal_year(month) as fiscal_year,
  component,
  {{ custody_breakdown('table_name') }} as breakdown,
  label as category,
  people,
  published_total,
  is_provisional,
  release_id,
  current_from,
  current_until,
  is_current,
  correction
from {{ ref('int_custody') }}
where table_name in (
  'border_patrol_dispositions',
  'border_patrol_destinations',
  'credible_fear_dispositions',
  'credible_fear_destinations'
)
