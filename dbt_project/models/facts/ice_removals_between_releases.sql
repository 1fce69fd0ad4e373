-- Of releases with the same end of the data, the one published last; of one day, the current one.
with ends as (
  select
    fiscal_year,
    period_end,
    people,
    release_id
  from {{ ref('fct_detention_removals_by_release') }}
  where period_end is not null
    and current_from is not null
  qualify row_number() over (partition by fiscal_year, period_end order by current_from desc) = 1
),

steps as (
  select
    fiscal_year,
    lag(period_end) over year_to_date as from_date,
    period_end as to_date,
    lag(people) over year_to_date as people_before,
    people as people_after,
    lag(release_id) over year_to_date as earlier_release_id,
    release_id as later_release_id
  from ends
  window year_to_date as (
    partition by fiscal_year
    order by period_end
  )
)

select
  fiscal_year,
  from_date,
  to_date,
  date_diff('day', from_date, to_date) as days,
  case when people_after >= people_before then people_after - people_before end as people,
  case
    when people_after >= people_before
      then round((people_after - people_before) / date_diff('day', from_date, to_date), 1)
  end as people_per_day,
  case when people_after < people_before then 'the later total is lower' end as why_unknown,
  earlier_release_id,
  later_release_id
from steps
where earlier_release_id is not null -- the first of a fiscal year
