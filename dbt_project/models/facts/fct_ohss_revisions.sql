select
  subject,
  month,
  main.fiscal_year(month) as fiscal_year,
  measure,
  region,
  agency,
  encounter_kind,
  action,
  breakdown,
  label,
  outcome,
  case
    -- the others of a table by citizenship are not compared, so that its month has no total
    when breakdown not in ('citizenship', 'selected citizenship')
      then {{ revision_kind('people_before', 'people_after', ['table_name', 'earlier_release_id', 'later_release_id', 'month', 'breakdown']) }}
    when people_before is null then 'added'
    when people_after is null then 'withdrawn'
    else 'revised'
  end as kind,
  people_before,
  people_after,
  {{ difference('people_before', 'people_after') }} as difference,
  earlier_release_id,
  later_release_id
from {{ ref('compared_ohss_figures') }}
where people_before is distinct from people_after
