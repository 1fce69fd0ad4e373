select
  published.release_id,
  published.row_number,
  published.month_start::date as month,
  {{ label('component') }} as component,
  {{ label('demographic') }} as demographic,
  demographic_entry.category as demographic_category,
  {{ not_broken_down() }} as citizenship,
  {{ not_broken_down() }} as title_of_authority,
  {{ not_broken_down() }} as encounter_type,
  {{ typed_count(corrected('published.encounters')) }} as encounters,
  published.correction
from {{ source('raw', 'cbp_southwest_migration_pages') }} as published
{{ join_label('component') }}
{{ join_label('demographic') }}
where published.problem is null
