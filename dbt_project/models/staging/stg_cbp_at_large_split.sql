select
  published.release_id,
  published.row_number,
  published.month_start::date as month,
  {{ typed_count(corrected('published.total')) }} as between_ports,
  {{ typed_count(corrected('published.at_large')) }} as at_large,
  {{ typed_count(corrected('published.at_entry')) }} as at_entry,
  published.correction
from {{ source('raw', 'cbp_at_large_split') }} as published
where published.problem is null
