select
  release_id,
  dataset,
  published_on,
  published_precision,
  retrieved_at,
  file_name,
  source,
  rows,
  first_month,
  last_month,
  -- a file posted again carries _0, _1, …
  coalesce(try_cast(regexp_extract(file_name, '_(\d{1,2})\.[A-Za-z]+$', 1) as integer), -1) as posting
from {{ source('meta', 'releases') }}
where verdict = 'accepted'
