{{ config(materialized='view') }}
select
  unnest(generate_series(date_trunc('month', period_start), period_end, interval 1 month))::date as month,
  measure,
  stated_on,
  people,
  people_at_least,
  qualifier,
  count_type,
  period_start,
  period_end,
  speaker,
  publisher,
  url,
  grade,
  release_id
-- without the database's name, so that the file can be copied or attached under another name
from {{ ref('fct_street_releases').include(database=false) }}
-- an average, or a statement without a first day, has no window
where period_start is not null and period_end is not null
