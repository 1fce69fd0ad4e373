with compared as (
  select
    'deportations, ' || agency as cut,
    earlier_release_id,
    later_release_id,
    period_start as month,
    people_before as before,
    people_after as after,
    (people_before is distinct from people_after) and not {{ is_growth_of_a_year_to_date() }} as is_changed
  from {{ ref('compared_actions') }}

  union all

  select
    'custody outcomes by ' || cut as cut,
    earlier_release_id,
    later_release_id,
    month,
    people_before as before,
    people_after as after,
    (people_before is distinct from people_after) as is_changed
  from {{ ref('compared_custody_outcomes') }}
)

select
  cut,
  earlier_release_id,
  later_release_id,
  month,
  fiscal_year,
  cells_compared,
  cells_changed,
  cells_new,
  cells_gone,
  total_before,
  total_after,
  net_change,
  largest_change,
  net_change_percent
from {{ ref('encounter_changes_by_month') }}

union all

{{ changes_by_month('compared') }}
