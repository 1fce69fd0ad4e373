-- OHSS's rounded series beside CBP's own count, in fiscal years that were closed when the
-- earlier of the two was published.
with cbp as (
  select
    cut.month,
    sum(cut.encounters)::bigint as encounters,
    cut.release_id,
    releases.published_on,
    releases.last_month
  from {{ ref('fct_southwest_encounters') }} as cut
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = cut.release_id
  where cut.component = 'U.S. Border Patrol'
  group by cut.month, cut.release_id, releases.published_on, releases.last_month
),

ohss as (
  select series.month, series.encounters, series.release_id, releases.published_on, releases.last_month
  from {{ ref('fct_border_patrol_by_region') }} as series
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = series.release_id
  where series.land_border_region = 'Southwest Land Border'
),

compared as (
  select
    cbp.month,
    cbp.encounters as cbp_encounters,
    ohss.encounters as ohss_encounters,
    ohss.encounters - cbp.encounters as difference,
    declared.difference::bigint as declared_difference,
    declared.reason,
    cbp.release_id as cbp_release_id,
    ohss.release_id as ohss_release_id
  from cbp
  inner join ohss on ohss.month = cbp.month
  left join {{ ref('declared_differences') }} as declared on declared.month = cbp.month
  where main.fiscal_year(cbp.month) >= 2019
    and main.fiscal_year(cbp.month) < main.fiscal_year(
      (case when cbp.published_on <= ohss.published_on then cbp.last_month else ohss.last_month end + interval 1 month)::date
    )
)

select
  month,
  cbp_encounters,
  ohss_encounters,
  difference,
  declared_difference,
  reason,
  case
    when declared_difference is null and abs(difference) <= 5 then 'equal but for rounding'
    when declared_difference is null then 'unexplained'
    when abs(difference) <= 5 then 'declared, and no longer there'
    when abs(difference - declared_difference) <= 5 then 'declared'
    else 'unexplained'
  end as agreement,
  cbp_release_id,
  ohss_release_id
from compared
