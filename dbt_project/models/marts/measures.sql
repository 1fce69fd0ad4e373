-- Every series that a claim can be tested against, as each release reports it. A figure is known
-- between two bounds: equal for an exact count, 5 to each side of one that was rounded to 10, and
-- without an upper bound where only a part was counted or only "more than" was said.
with published as (
  select * from {{ ref('int_measured_encounters') }}
  union all by name
  select * from {{ ref('int_measured_rounded_encounters') }}
  union all by name
  select * from {{ ref('int_measured_deportations') }}
  union all by name
  select * from {{ ref('int_measured_custody_outcomes') }}
),

figures as (
  select
    *,
    null::date as stated_on,
    null::varchar as source_url
  from published

  union all by name

  select * from {{ ref('int_measured_statements') }}
)

select
  figures.measure,
  figures.breakdown,
  figures.label,
  figures.period_start,
  figures.period_end,
  figures.lower_bound::bigint as lower_bound,
  figures.upper_bound::bigint as upper_bound,
  figures.kind,
  (figures.preference + contains(releases.dataset, '_summary')::integer)::bigint as preference,
  coalesce(figures.stated_on, releases.published_on) as published_on,
  figures.release_id,
  case
    when figures.stated_on is not null then figures.source_url
    -- an inferred URL is no evidence
    when not releases.source_url_is_inferred then releases.source_url
    else releases.landing_page
  end as source_url
from figures
inner join {{ ref('stg_releases') }} as releases on releases.release_id = figures.release_id
where figures.lower_bound is not null
  and figures.period_start is not null
  and figures.period_end is not null
