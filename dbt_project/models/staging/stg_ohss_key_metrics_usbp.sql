select
  published.release_id,
  1 as preference,
  published.month_start::date as month,
  published.table_name = 'monthly_by_region_and_sector' as is_by_sector,
  {{ label('border_patrol_region') }} as land_border_region,
  -- `San Diego, CA` is CBP's San Diego Sector
  split_part({{ label('sector_and_state') }}, ',', 1) || ' Sector' as sector,
  {{ typed_count(corrected('published.quantity')) }} as encounters,
  published.correction
from (
  select *, region as border_patrol_region, sector as sector_and_state
  from {{ source('raw', 'ohss_key_metrics_usbp') }}
) as published
{{ join_label('border_patrol_region') }}
{{ join_label('sector_and_state') }}
where published.problem is null
  and published.table_name in ('monthly_by_region', 'monthly_by_region_and_sector')
