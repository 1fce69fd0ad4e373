-- Figures of more than one month that are not sums of months: ICE's fiscal years, and statements
-- about a fiscal year or several months.
with stated as (
  select
    metrics.series,
    date_trunc('month', statements.period_start)::date as first_month,
    date_trunc('month', statements.period_end)::date as last_month,
    statements.people,
    statements.is_at_least,
    statements.stated_on,
    statements.release_id
  from {{ ref('stg_official_statements') }} as statements
  inner join {{ ref('claim_metrics') }} as metrics on metrics.metric = statements.metric
  where date_trunc('month', statements.period_start) < date_trunc('month', statements.period_end)
)

select series, first_month, last_month, people, is_at_least, true as is_statement, stated_on as published_on, release_id
from stated

union all

-- removals and returns stated on one day in one release add up to a total
select
  'DHS removals and returns' as series,
  first_month,
  last_month,
  sum(people)::bigint as people,
  bool_or(is_at_least) as is_at_least,
  true as is_statement,
  stated_on as published_on,
  release_id
from stated
where series in ('DHS removals', 'DHS returns')
group by first_month, last_month, stated_on, release_id
having count(distinct series) = 2

union all

select
  'ICE removals' as series,
  figures.period_start as first_month,
  date_trunc('month', figures.period_end)::date as last_month,
  figures.people,
  false as is_at_least,
  false as is_statement,
  releases.published_on,
  figures.release_id
from {{ ref('fct_deportations_by_release') }} as figures
inner join {{ ref('stg_releases') }} as releases on releases.release_id = figures.release_id
where figures.agency = 'ICE'
  and figures.action = 'removal'
  and not figures.is_partial
