{{ config(materialized='view') }}
-- without the database's name, so that the file can be copied or attached under another name
select
  month,
  fiscal_year,
  period_end,
  is_partial,
  is_provisional,
  arresting_agency,
  people,
  release_id,
  correction
from {{ ref('fct_detention_book_ins_by_release').include(database=false) }}
where is_current
