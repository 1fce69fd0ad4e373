-- Few months change from release to release: cells are compared in these alone.
with of_changed_months as materialized (
  select sides.*
  from {{ ref('compared_sides') }} as sides
  semi join {{ ref('encounter_changes_by_month') }} as months
    on months.cut = sides.cut
    and months.earlier_release_id = sides.earlier_release_id
    and months.later_release_id = sides.later_release_id
    and months.month = sides.month
    and months.cells_changed > 0
),

changed as (
  select
    sides.cut,
    sides.earlier_release_id,
    sides.later_release_id,
    sides.month,
    sides.land_border_region,
    {% for dimension in cell_dimensions() -%}
    sides.{{ dimension }},
    {% endfor -%}
    sum(sides.encounters_before)::bigint as encounters_before,
    sum(sides.encounters_after)::bigint as encounters_after
  from of_changed_months as sides
  semi join (
    select cell
    from of_changed_months
    group by cell
    having sum(encounters_before) is distinct from sum(encounters_after)
  ) as differing on differing.cell = sides.cell
  group by all
)

select
  cut,
  month,
  main.fiscal_year(month) as fiscal_year,
  land_border_region,
  {{ cell_dimensions() | join(',\n  ') }},
  {{ revision_kind('encounters_before', 'encounters_after', ['cut', 'earlier_release_id', 'later_release_id', 'month']) }} as kind,
  encounters_before,
  encounters_after,
  {{ difference('encounters_before', 'encounters_after') }} as difference,
  earlier_release_id,
  later_release_id
from changed
