{{ config(materialized='view') }}
-- the name that the statements had while all of them were of San Diego County
select
  stated_on,
  period_start,
  period_end,
  measure,
  count_type,
  people,
  people_at_least,
  qualifier,
  speaker,
  publisher,
  url,
  grade,
  note,
  release_id
from {{ ref('fct_local_statements').include(database=false) }}
where place = 'San Diego County'
