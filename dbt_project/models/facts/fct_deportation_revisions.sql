select
  period_start,
  period_end_before,
  period_end_after,
  main.fiscal_year(period_start) as fiscal_year,
  agency,
  action,
  {{ revision_kind('people_before', 'people_after', ['agency', 'earlier_release_id', 'later_release_id', 'period_start']) }} as kind,
  people_before,
  people_after,
  {{ difference('people_before', 'people_after') }} as difference,
  earlier_release_id,
  later_release_id
from {{ ref('compared_actions') }}
where people_before is distinct from people_after
  and not {{ is_growth_of_a_year_to_date() }}
