{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  month,
  fiscal_year,
  component,
  area_of_responsibility,
  people,
  published_total,
  is_provisional,
  release_id,
  correction
from {{ ref('fct_inadmissibles_by_field_office_by_release').include(database=false) }}
where is_current
