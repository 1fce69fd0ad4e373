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
from {{ ref('compared_cells') }}
where encounters_before is distinct from encounters_after
