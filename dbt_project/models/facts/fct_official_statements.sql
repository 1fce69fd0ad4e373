select
  stated_on,
  metric,
  period_start,
  period_end,
  people,
  value,
  unit,
  qualifier,
  speaker,
  source_url,
  note,
  release_id
from {{ ref('stg_official_statements') }}
