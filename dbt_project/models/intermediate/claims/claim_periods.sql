-- Each claim has two vantages: the day of the statement (then) and today (now).
with claims as (
  select
    claims.claim_id,
    metrics.series,
    trim(claims.test) as test,
    {{ period_start("trim(claims.period)") }} as first_month,
    date_trunc('month', {{ period_end("trim(claims.period)") }})::date as last_month,
    try_cast(claims.stated_on as date) as stated_on,
    trim(claims.value) as stated_value,
    try_cast(claims.value as double) as stated,
    case when claims.value like 'FY%' then {{ typed_year('claims.value') }} end as stated_year,
    -- `lowest month since 1999-10` looks back to October 1999
    try_cast(regexp_extract(claims.test, 'since (\d{4}-\d{2})$', 1) || '-01' as date) as looks_from
  from {{ ref('claims') }} as claims
  left join {{ ref('claim_metrics') }} as metrics on metrics.metric = trim(claims.metric)
)

select
  claim_id,
  series,
  test,
  first_month,
  last_month,
  stated_on,
  stated_value,
  stated,
  stated_year,
  looks_from,
  'then' as vantage,
  stated_on as as_of
from claims

union all

select
  claim_id,
  series,
  test,
  first_month,
  last_month,
  stated_on,
  stated_value,
  stated,
  stated_year,
  looks_from,
  'now' as vantage,
  date '9999-12-31' as as_of
from claims
