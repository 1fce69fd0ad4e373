-- Every cell of the compared months as the two releases have it; NULL where one lacks it. Grouped
-- by its hash and not by its labels, which would take too much memory.
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
