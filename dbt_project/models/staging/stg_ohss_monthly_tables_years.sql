select
  release_id,
  table_name,
  heading_group,
  label,
  series,
  column_letter,
  {{ typed_year('fiscal_year') }} as fiscal_year,
  {{ typed_figure(corrected('figure')) }} as people,
  correction
from {{ source('raw', 'ohss_monthly_tables') }}
where problem is null
  and month_start is null
  and table_name <> ''
