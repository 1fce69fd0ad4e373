select
  cut,
  month,
  main.fiscal_year(month) as fiscal_year,
  agency,
  family_status,
  outcome,
  {{ revision_kind('people_before', 'people_after', ['cut', 'earlier_release_id', 'later_release_id', 'month']) }} as kind,
  people_before,
  people_after,
  {{ difference('people_before', 'people_after') }} as difference,
  earlier_release_id,
  later_release_id
from {{ ref('compared_custody_outcomes') }}
where people_before is distinct from people_after
