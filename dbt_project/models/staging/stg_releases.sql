select
  release_id,
  dataset,
  dataset_title,
  publisher,
  landing_page,
  licence,
  published_on,
  published_precision,
  retrieved_at,
  file_name,
  source,
  rows,
  first_month,
  last_month,
  repost,
  source_url,
  source_url_is_inferred,
  decided_by is not null as is_decided
from {{ source('meta', 'releases') }}
where verdict = 'accepted'
