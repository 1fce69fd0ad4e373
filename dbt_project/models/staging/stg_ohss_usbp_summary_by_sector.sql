select
  published.release_id,
  2 as preference,
  published.month_start::date as month,
  true as is_by_sector,
  {{ not_broken_down() }} as land_border_region,
  -- `San Diego, CA` is CBP's San Diego Sector
  split_part({{ label('sector_and_state') }}, ',', 1) || ' Sector' as sector,
  {{ typed_count(corrected('published.encounters')) }} as encounters,
  published.correction
from (
  select *, sector as sector_and_state
  from {{ source('raw', 'ohss_usbp_summary_by_sector') }}
) as published
{{ join_label('sector_and_state') }}
where published.problem is null
