-- OHSS's series of Border Patrol encounters, by region or by sector.
select
  release_id,
  preference,
  month,
  is_by_sector,
  land_border_region,
  sector,
  encounters,
  correction
from {{ ref('stg_ohss_key_metrics_usbp') }}

union all

select
  release_id,
  preference,
  month,
  is_by_sector,
  land_border_region,
  sector,
  encounters,
  correction
from {{ ref('stg_ohss_usbp_summary_by_region') }}

union all

select
  release_id,
  preference,
  month,
  is_by_sector,
  land_border_region,
  sector,
  encounters,
  correction
from {{ ref('stg_ohss_usbp_summary_by_sector') }}
