-- OHSS's series of the Border Patrol's encounters, by region or by sector.
with workbook as (
  select
    release_id,
    1 as preference,
    month_start::date as month,
    table_name = 'monthly_by_region_and_sector' as is_by_sector,
    region,
    sector,
    {{ typed_count(corrected('quantity')) }} as encounters,
    correction
  from {{ source('raw', 'ohss_key_metrics_usbp') }}
  where problem is null
    and table_name in ('monthly_by_region', 'monthly_by_region_and_sector')
),

regions_transcribed as (
  select
    release_id,
    2 as preference,
    month_start::date as month,
    false as is_by_sector,
    region,
    '' as sector,
    {{ typed_count(corrected('encounters')) }} as encounters,
    correction
  from {{ source('raw', 'ohss_usbp_summary_by_region') }}
  where problem is null
),

sectors_transcribed as (
  select
    release_id,
    2 as preference,
    month_start::date as month,
    true as is_by_sector,
    '' as region,
    sector,
    {{ typed_count(corrected('encounters')) }} as encounters,
    correction
  from {{ source('raw', 'ohss_usbp_summary_by_sector') }}
  where problem is null
),

published as (
  select *, region as border_patrol_region, sector as sector_and_state from workbook
  union all
  select *, region as border_patrol_region, sector as sector_and_state from regions_transcribed
  union all
  select *, region as border_patrol_region, sector as sector_and_state from sectors_transcribed
)

select
  published.release_id,
  published.preference,
  published.month,
  published.is_by_sector,
  {{ label('border_patrol_region') }} as land_border_region,
  -- `San Diego, CA` is CBP's San Diego Sector
  split_part({{ label('sector_and_state') }}, ',', 1) || ' Sector' as sector,
  published.encounters,
  published.correction
from published
{{ join_label('border_patrol_region') }}
{{ join_label('sector_and_state') }}
