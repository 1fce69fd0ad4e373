select
  published.release_id,
  published.row_number,
  published.month_start::date as month,
  {{ label('land_border_region') }} as land_border_region,
  {{ label('component') }} as component,
  {{ label('area_of_responsibility') }} as area_of_responsibility,
  {{ label('demographic') }} as demographic,
  demographic_entry.category as demographic_category,
  {{ citizenship('published.citizenship') }} as citizenship,
  {{ label('title_of_authority') }} as title_of_authority,
  {{ label('encounter_type') }} as encounter_type,
  {{ typed_count(corrected('published.encounters')) }} as encounters,
  published.correction
from {{ source('raw', 'cbp_nationwide_encounters_by_area') }} as published
{{ join_label('land_border_region') }}
{{ join_label('component') }}
{{ join_label('area_of_responsibility') }}
{{ join_label('demographic') }}
{{ join_label('title_of_authority') }}
{{ join_label('encounter_type') }}
where published.problem is null
