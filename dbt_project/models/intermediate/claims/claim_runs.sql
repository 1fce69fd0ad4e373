-- What the months show: those of the claim's period, those before its end, and those since the
-- month that the test names.
with months as (
  select
    periods.claim_id,
    periods.vantage,
    periods.test,
    periods.first_month,
    periods.last_month,
    periods.looks_from,
    periods.stated,
    months.month,
    months.value,
    months.value_before,
    months.release_id,
    months.month between periods.first_month and periods.last_month as is_asked,
    months.month > periods.first_month and months.month <= periods.last_month as is_step,
    months.month < periods.last_month as is_before,
    months.month >= periods.looks_from as is_looked_at,
    max(months.value) filter (where months.month = periods.last_month) over (
      partition by periods.claim_id, periods.vantage
    ) as last_value
  from {{ ref('claim_periods') }} as periods
  inner join {{ ref('claim_months') }} as months
    on months.claim_id = periods.claim_id and months.vantage = periods.vantage
),

-- a look back ends at the last month that is as low, as high or unknown
looked_back as (
  select
    claim_id,
    vantage,
    test,
    first_month,
    last_month,
    looks_from,
    stated,
    month,
    value,
    value_before,
    release_id,
    is_asked,
    is_step,
    is_before,
    is_looked_at,
    last_value,
    max(month) filter (
      where is_before
        and (
          value is null
          or (test like 'lowest %' and value <= last_value)
          or (test like 'highest %' and value >= last_value)
        )
    ) over (partition by claim_id, vantage) as stops_at
  from months
)

select
  claim_id,
  vantage,
  count(*) filter (where is_asked) as months_asked,
  count(value) filter (where is_asked) as months_known,
  max(month) filter (where is_asked and value is not null) as last_known,
  sum(value) filter (where is_asked) as known_sum,
  max(value) filter (where month = first_month) as first_value,
  any_value(last_value) as last_value,
  arg_max(month, value) filter (where is_asked) as highest_month,
  arg_min(month, value) filter (where is_asked) as lowest_month,
  list(month order by month) filter (where is_step and value >= value_before) as months_that_rose,
  count(*) filter (where is_step and value < value_before) as months_that_fell,

  min(month) as looked_from,
  max(month) filter (where is_before and value <= last_value) as as_low_in,
  max(month) filter (where is_before and value >= last_value) as as_high_in,
  max(month) filter (where is_before and value is null) as unknown_in,
  count(*) filter (where is_before and value is null) as months_unknown,
  min(month) filter (where month <= last_month and value > stated) as first_above,

  arg_min(month, value) filter (where is_looked_at) as lowest_of_all,
  arg_max(month, value) filter (where is_looked_at) as highest_of_all,
  count(*) filter (where is_looked_at and value is null) as unknown_of_all,

  list(distinct release_id) filter (
    where is_asked
      or is_looked_at
      or (
        is_before
        and test in ('lowest since', 'highest since', 'lowest in years')
        and month >= coalesce(stops_at, month)
      )
      or (is_before and test = 'first month above')
  ) as releases
from looked_back
group by claim_id, vantage
