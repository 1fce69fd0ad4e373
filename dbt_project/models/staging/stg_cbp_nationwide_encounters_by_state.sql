select
  published.release_id,
  published.row_number,
  published.month_start::date as month,
  {{ label('land_border_region') }} as land_border_region,
  {{ label('state') }} as state,
  {{ label('demographic') }} as demographic,
  demographic_entry.category as demographic_category,
  {{ citizenship('published.citizenship') }} as citizenship,
  {{ label('title_of_authority') }} as title_of_authority,
  {{ typed_count(corrected('published.encounters')) }} as encounters,
  published.correction
from {{ source('raw', 'cbp_nationwide_encounters_by_state') }} as published
{{ join_label('land_border_region') }}
{{ join_label('state') }}
{{ join_label('demographic') }}
{{ join_label('title_of_authority') }}
where published.problem is null
