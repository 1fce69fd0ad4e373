-- The southwest border by month at OHSS, rounded to 10: between ports of entry since October
-- 1999, at ports of entry since October 2013. For months that no file of CBP covers.
select release_id, month, encounters as between_ports, null::bigint as at_ports
from {{ ref('int_border_patrol_rounded') }}
where not is_by_sector
  and land_border_region = 'Southwest Land Border'

union all

select
  release_id,
  month,
  max(people) filter (where series = 'between_ports') as between_ports,
  max(people) filter (where series = 'at_ports') as at_ports
from {{ ref('stg_ohss_monthly_tables') }}
where table_name = 'southwest_encounters_by_area'
  and series in ('between_ports', 'at_ports')
group by release_id, month
