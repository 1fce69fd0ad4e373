-- Only claims on street releases. A statement spans a claim's period if it begins and ends within
-- the same months or beyond them.
select
  periods.claim_id,
  periods.vantage,
  min(coalesce(statements.people_at_least, statements.people)) as lowest_claimed,
  max(statements.people) as highest_claimed,
  count(*) as statements,
  list(distinct statements.release_id) as releases
from {{ ref('claim_periods') }} as periods
inner join {{ ref('fct_street_releases') }} as statements
  on statements.measure = 'street releases'
  and statements.stated_on <= periods.as_of
  and statements.period_start < periods.first_month + interval 1 month
  and statements.period_end >= periods.last_month
where periods.series = 'San Diego County street releases'
group by periods.claim_id, periods.vantage
