select
  published.release_id,
  published.month_start::date as month,
  published.agency,
  published.family_status,
  published.outcome as heading,
  {{ typed_count(corrected('published.people')) }} as people,
  published.correction
from {{ source('raw', 'ohss_book_outs_summary') }} as published
where published.problem is null
