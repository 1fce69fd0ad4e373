select
  month,
  main.fiscal_year(month) as fiscal_year,
  component,
  area_of_responsibility,
  people,
  published_total,
  is_provisional,
  release_id,
  current_from,
  current_until,
  is_current,
  correction
from {{ ref('int_custody') }}
where table_name = 'field_office_inadmissibles'
