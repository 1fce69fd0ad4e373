select
  release_id,
  1 as preference,
  {{ fiscal_year_start(typed_year('fiscal_year')) }} as period_start,
  updated_through::date as period_end,
  'ICE' as agency,
  'removal' as action,
  {{ typed_figure(corrected('figure')) }} as people,
  1 as rounded_to,
  updated_through::date < {{ fiscal_year_end(typed_year('fiscal_year')) }} as is_partial,
  correction
from {{ source('raw', 'ice_detention_statistics') }}
where problem is null
  and table_name = 'removals'
  and {{ folded('row_label') }} = 'total'
  and {{ folded('label') }} = 'total'
-- a sheet of an earlier year may be left inside
qualify fiscal_year = max(fiscal_year) over (partition by release_id)
