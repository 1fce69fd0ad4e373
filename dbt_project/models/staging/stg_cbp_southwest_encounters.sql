select
  published.release_id,
  published.row_number,
  published.month_start::date as month,
  {{ label('component') }} as component,
  {{ label('demographic') }} as demographic,
  demographic_entry.category as demographic_category,
  {{ citizenship('published.citizenship') }} as citizenship,
  {{ label('title_of_authority') }} as title_of_authority,
  {{ label('encounter_type') }} as encounter_type,
  {{ typed_count(corrected('published.encounters')) }} as encounters,
  published.correction
from {{ source('raw', 'cbp_southwest_encounters') }} as published
{{ join_label('component') }}
{{ join_label('demographic') }}
{{ join_label('title_of_authority') }}
{{ join_label('encounter_type') }}
where published.problem is null
