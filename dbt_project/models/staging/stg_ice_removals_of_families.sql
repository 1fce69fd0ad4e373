select
  release_id,
  trim(row_label) as row_label,
  {{ typed_figure(corrected('figure')) }} as people
from {{ source('raw', 'ice_detention_statistics') }}
where problem is null
  and table_name = 'removals'
  and {{ folded('row_label') }} like 'removals with %'
-- a sheet of an earlier year may be left inside
qualify fiscal_year = max(fiscal_year) over (partition by release_id)
