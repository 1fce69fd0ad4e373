select
  release_id,
  1 as preference,
  {{ fiscal_year_start(typed_year('fiscal_year')) }} as period_start,
  nullif(updated_through, '')::date as period_end,
  'ICE' as agency,
  'removal' as action,
  {{ typed_figure(corrected('figure')) }} as people,
  1 as rounded_to,
  -- a year without a known end is not whole
  coalesce(period_end < {{ fiscal_year_end(typed_year('fiscal_year')) }}, true) as is_partial,
  correction
from {{ source('raw', 'ice_detention_statistics') }}
where problem is null
  and table_name = 'removals'
  and series = 'total'
-- a sheet of an earlier year may be left inside
qualify fiscal_year = max(fiscal_year) over (partition by release_id)
