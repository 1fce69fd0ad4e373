-- A dimension that one of the two releases does not break down is `Not broken down` in both. `cell`
-- is equal for the rows of one cell.
with cells as (
  {% for cut in ['southwest', 'area', 'state'] -%}
  select
    '{{ cut }}' as cut,
    release_id,
    month,
    {{ region_of(cut) }} as land_border_region,
    {% for dimension in cell_dimensions() -%}
    {{ dimension if dimension in dimensions_of(cut) else not_broken_down() }} as {{ dimension }},
    {% endfor -%}
    encounters
  from {{ by_release(cut) }}
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

sides as (
  {% for side in ['earlier', 'later'] -%}
  select
    compared.comparison,
    compared.cut,
    compared.earlier_release_id,
    compared.later_release_id,
    compared.month,
    cells.land_border_region,
    {% for dimension in cell_dimensions() -%}
    case when contains(compared.broken_down, '{{ dimension }}') then cells.{{ dimension }} else {{ not_broken_down() }} end as {{ dimension }},
    {% endfor -%}
    {{ 'cells.encounters' if side == 'earlier' else 'null' }} as encounters_before,
    {{ 'cells.encounters' if side == 'later' else 'null' }} as encounters_after
  from {{ ref('compared_months') }} as compared
  inner join cells
    on cells.cut = compared.cut
    and cells.month = compared.month
    and cells.release_id = compared.{{ side }}_release_id
    and contains(compared.regions, cells.land_border_region)
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  hash(comparison, land_border_region, {{ cell_dimensions() | join(', ') }}) as cell,
  comparison,
  cut,
  earlier_release_id,
  later_release_id,
  month,
  land_border_region,
  {{ cell_dimensions() | join(',\n  ') }},
  encounters_before,
  encounters_after
from sides
