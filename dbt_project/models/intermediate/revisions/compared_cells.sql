-- Grouped by the cell's number, because grouping by its labels takes much more memory.
select
  cell,
  any_value(cut) as cut,
  any_value(earlier_release_id) as earlier_release_id,
  any_value(later_release_id) as later_release_id,
  any_value(month) as month,
  sum(encounters_before)::bigint as encounters_before,
  sum(encounters_after)::bigint as encounters_after
from {{ ref('compared_sides') }}
group by cell
