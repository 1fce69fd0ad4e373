-- The sum of the period's months where each is known, else the newest figure of the whole period.
with whole_period as (
  select
    periods.claim_id,
    periods.vantage,
    windows.people,
    windows.is_at_least,
    windows.is_statement,
    windows.release_id
  from {{ ref('claim_periods') }} as periods
  inner join {{ ref('claim_windows') }} as windows
    on windows.series = periods.series
    and windows.first_month = periods.first_month
    and windows.last_month = periods.last_month
    and windows.published_on <= periods.as_of
  qualify row_number() over (
    partition by periods.claim_id, periods.vantage
    -- a number before a bound, a file before a statement of the same day
    order by windows.is_at_least, windows.published_on desc, windows.is_statement, windows.release_id
  ) = 1
)

select
  periods.claim_id,
  periods.vantage,
  case when runs.months_known = runs.months_asked then runs.known_sum else whole_period.people end as value,
  coalesce(runs.months_known = runs.months_asked, false) as is_sum_of_months,
  whole_period.is_at_least and not coalesce(runs.months_known = runs.months_asked, false) as is_at_least,
  whole_period.is_statement and not coalesce(runs.months_known = runs.months_asked, false) as is_statement,
  case when not coalesce(runs.months_known = runs.months_asked, false) then whole_period.release_id end as release_id
from {{ ref('claim_periods') }} as periods
left join {{ ref('claim_runs') }} as runs
  on runs.claim_id = periods.claim_id and runs.vantage = periods.vantage
left join whole_period on whole_period.claim_id = periods.claim_id and whole_period.vantage = periods.vantage
