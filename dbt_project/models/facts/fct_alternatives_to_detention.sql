{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  as_of_date,
  area,
  technology,
  people,
  average_days_in_program,
  release_id,
  correction
from {{ ref('fct_alternatives_to_detention_by_release').include(database=false) }}
where is_current
