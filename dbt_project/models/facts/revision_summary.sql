with compared as (
  select
    cut,
    earlier_release_id,
    later_release_id,
    month,
    encounters_before as before,
    encounters_after as after,
    (encounters_before is distinct from encounters_after) as is_changed
  from {{ ref('compared_cells') }}

  union all

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
  main.fiscal_year(month) as fiscal_year,
  count(*) as cells_compared,
  count(*) filter (where is_changed) as cells_changed,
  count(*) filter (where is_changed and before is null) as cells_new,
  count(*) filter (where is_changed and after is null) as cells_gone,
  coalesce(sum(before), 0)::bigint as total_before,
  coalesce(sum(after), 0)::bigint as total_after,
  coalesce(sum({{ difference('before', 'after') }}) filter (where is_changed), 0)::bigint as net_change,
  coalesce(max(abs({{ difference('before', 'after') }})) filter (where is_changed), 0)::bigint as largest_change,
  round(100.0 * net_change / nullif(total_before, 0), 3)::double as net_change_percent
from compared
group by cut, earlier_release_id, later_release_id, month
