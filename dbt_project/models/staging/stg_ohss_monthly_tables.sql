select
  release_id,
  table_name,
  series,
  heading_group,
  label,
  month_start::date as month,
  {{ typed_figure(corrected('figure')) }} as people,
  correction
from {{ source('raw', 'ohss_monthly_tables') }}
where problem is null
  and month_start is not null -- a row of a fiscal year
