select
  published.release_id,
  2 as preference,
  published.month_start::date as month,
  false as is_by_sector,
  {{ label('border_patrol_region') }} as land_border_region,
  {{ not_broken_down() }} || ' Sector' as sector,
  {{ typed_count(corrected('published.encounters')) }} as encounters,
  published.correction
from (
  select *, region as border_patrol_region
  from {{ source('raw', 'ohss_usbp_summary_by_region') }}
) as published
{{ join_label('border_patrol_region') }}
where published.problem is null
