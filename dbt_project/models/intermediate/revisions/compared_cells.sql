-- Grouped by numbers, because grouping by labels takes several times as long, and much more memory.
with cells as (
  select
    cell,
    comparison,
    sum(encounters_before)::bigint as encounters_before,
    sum(encounters_after)::bigint as encounters_after
  from {{ ref('compared_sides') }}
  group by cell, comparison
)

select
  months.cut,
  months.earlier_release_id,
  months.later_release_id,
  months.month,
  cells.encounters_before,
  cells.encounters_after
from cells
inner join {{ ref('compared_months') }} as months on months.comparison = cells.comparison
