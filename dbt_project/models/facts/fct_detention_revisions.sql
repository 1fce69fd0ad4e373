select
  subject,
  breakdown,
  fiscal_year,
  period,
  period_start,
  period_end,
  {{ part_of('arresting_agency') }} as arresting_agency,
  {{ part_of('criminality') }} as criminality,
  {{ part_of('facility_type') }} as facility_type,
  coalesce(disposition, reason, {{ not_broken_down() }}) as disposition_or_reason,
  {{ part_of('area') }} as area,
  {{ part_of('technology') }} as technology,
  case
    when value_before is null then 'added'
    when value_after is null then 'withdrawn'
    else 'revised'
  end as kind,
  value_before,
  value_after,
  value_after - value_before as difference,
  earlier_release_id,
  later_release_id
from {{ ref('compared_detention') }}
where value_before is distinct from value_after
