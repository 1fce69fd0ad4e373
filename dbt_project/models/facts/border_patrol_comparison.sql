-- Only fiscal years that had ended when the earlier of the two releases was published: both
-- publishers revise the months of an open year.
with cbp as (
  select
    cut.month,
    sum(cut.encounters)::bigint as encounters,
    cut.release_id,
    releases.published_on,
    releases.is_decided,
    releases.last_month
  from {{ ref('fct_southwest_encounters') }} as cut
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = cut.release_id
  where cut.component = 'U.S. Border Patrol'
  group by cut.month, cut.release_id, releases.published_on, releases.is_decided, releases.last_month
),

ohss as (
  select
    series.month,
    series.encounters,
    series.release_id,
    releases.published_on,
    releases.is_decided,
    releases.last_month
  from {{ ref('fct_border_patrol_by_region') }} as series
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = series.release_id
  where series.land_border_region = 'Southwest Land Border'
),

comparable as (
  select
    cbp.month,
    cbp.encounters as cbp_encounters,
    ohss.encounters as ohss_encounters,
    ohss.encounters - cbp.encounters as difference,
    cbp.release_id as cbp_release_id,
    ohss.release_id as ohss_release_id,
    cbp.is_decided or ohss.is_decided as is_decided
  from cbp
  inner join ohss on ohss.month = cbp.month
  where main.fiscal_year(cbp.month) >= 2019
    and main.fiscal_year(cbp.month) < main.fiscal_year(
      (case when cbp.published_on <= ohss.published_on then cbp.last_month else ohss.last_month end + interval 1 month)::date
    )
)

select
  comparable.month,
  comparable.cbp_encounters,
  comparable.ohss_encounters,
  comparable.difference,
  declared.difference::bigint as declared_difference,
  declared.reason,
  case
    when declared.difference is null and abs(comparable.difference) <= 5 then 'equal but for rounding'
    when abs(comparable.difference - declared.difference) <= 5 then 'declared'
    when comparable.is_decided then 'accepted by a person'
    when abs(comparable.difference) <= 5 then 'declared, and no longer there'
    else 'unexplained'
  end as agreement,
  comparable.cbp_release_id,
  comparable.ohss_release_id
from comparable
left join {{ ref('declared_differences') }} as declared on declared.month = comparable.month
