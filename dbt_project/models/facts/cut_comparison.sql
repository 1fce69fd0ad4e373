with totals as (
  select 'area' as cut, month, land_border_region, release_id, sum(encounters) as encounters
  from {{ ref('fct_encounters') }}
  group by month, land_border_region, release_id

  union all

  select 'state' as cut, month, land_border_region, release_id, sum(encounters) as encounters
  from {{ ref('fct_encounters_by_state') }}
  group by month, land_border_region, release_id

  union all

  select 'southwest' as cut, month, 'Southwest Land Border' as land_border_region, release_id,
    sum(encounters) as encounters
  from {{ ref('fct_southwest_encounters') }}
  group by month, release_id
  having count(distinct component) = 2 -- FY2018 has one component only
),

dated as (
  select
    totals.cut,
    totals.month,
    totals.land_border_region,
    totals.release_id,
    totals.encounters,
    releases.published_on,
    releases.is_decided,
    -- the fiscal year, if any, that had not ended when the release was published
    case when month(releases.last_month) <> 9 then main.fiscal_year(releases.last_month) end as open_fiscal_year
  from totals
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = totals.release_id
),

compared as (
  select
    one.month,
    one.land_border_region,
    one.cut,
    other.cut as other_cut,
    one.encounters,
    other.encounters as other_encounters,
    one.encounters - other.encounters as difference,
    one.published_on,
    other.published_on as other_published_on,
    one.release_id,
    other.release_id as other_release_id,
    -- such as a revision of a closed year, which the other cut will have later
    one.is_decided or other.is_decided as is_decided,
    case
      when one.published_on < other.published_on then one.open_fiscal_year
      when one.published_on > other.published_on then other.open_fiscal_year
    end as open_when_the_earlier_was_published
  from dated as one
  inner join dated as other
    on other.month = one.month
    and other.land_border_region = one.land_border_region
    and other.cut > one.cut
)

select
  month,
  land_border_region,
  cut,
  other_cut,
  encounters::bigint as encounters,
  other_encounters::bigint as other_encounters,
  difference::bigint as difference,
  published_on,
  other_published_on,
  release_id,
  other_release_id,
  case
    when difference = 0 then 'equal'
    when main.fiscal_year(month) = open_when_the_earlier_was_published and abs(difference) <= 0.01 * encounters
      then 'revised between the two publications'
    when is_decided then 'accepted by a person'
    else 'unexplained'
  end as agreement
from compared
