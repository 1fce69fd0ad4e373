-- `found` is what the test found, `holds` whether the claim holds (NULL where the releases do not
-- say) and `is_exact` whether it holds to the last digit.
with measured as (
  select
    periods.claim_id,
    periods.vantage,
    periods.test,
    periods.stated,
    periods.stated_value,
    periods.last_month,
    runs.months_asked,
    runs.months_known,
    runs.last_known,
    runs.known_sum,
    runs.first_value,
    runs.last_value,
    runs.highest_month,
    runs.lowest_month,
    runs.months_that_rose,
    runs.months_that_fell,
    runs.looked_from,
    runs.as_low_in,
    runs.as_high_in,
    runs.unknown_in,
    runs.months_unknown,
    runs.first_above,
    runs.lowest_of_all,
    runs.highest_of_all,
    runs.unknown_of_all,
    totals.value,
    totals.is_at_least,
    totals.is_statement,
    years.year_as_high,
    years.value_as_high,
    years.years_known,
    years.years_asked,
    statements.lowest_claimed,
    statements.highest_claimed,
    statements.statements,
    -- never before an unknown month, which may have been lower still
    greatest(runs.looked_from, (runs.unknown_in + interval 1 month)::date) as known_from,
    try_cast(periods.stated_value || '-01' as date) as stated_month,
    100 * (runs.last_value / nullif(runs.first_value, 0) - 1) as change,
    -- 46610 may be 46,612 rounded; 64006 is exact
    10 ** length(regexp_extract(split_part(periods.stated_value, '.', 1), '0*$')) as rounding,
    list_distinct(list_concat(
      coalesce(runs.releases, []),
      case when totals.release_id is null then [] else [totals.release_id] end,
      coalesce(years.releases, []),
      coalesce(statements.releases, [])
    )) as releases
  from {{ ref('claim_periods') }} as periods
  inner join {{ ref('claim_totals') }} as totals
    on totals.claim_id = periods.claim_id and totals.vantage = periods.vantage
  left join {{ ref('claim_runs') }} as runs
    on runs.claim_id = periods.claim_id and runs.vantage = periods.vantage
  left join {{ ref('claim_years') }} as years
    on years.claim_id = periods.claim_id and years.vantage = periods.vantage
  left join {{ ref('claim_statements') }} as statements
    on statements.claim_id = periods.claim_id and statements.vantage = periods.vantage
),

found as (
  select
    *,
    case
      when statements is not null then {{ plain('lowest_claimed') }} || ' to ' || {{ plain('highest_claimed') }}
      when test = 'equals' then {{ plain('value') }}
      when test in ('more than', 'fewer than', 'up to') then {{ plain('coalesce(value, known_sum)') }}
      when test = 'percent change' then {{ plain('change') }}
      when test = 'lowest since' and as_low_in >= known_from then {{ month_value('as_low_in') }}
      when test = 'highest since' and as_high_in >= known_from then {{ month_value('as_high_in') }}
      when test in ('lowest since', 'highest since') and last_value is not null then
        'none since ' || {{ month_value('known_from') }}
      when test = 'lowest in years' and last_value is not null then
        (date_diff('month', greatest(as_low_in, unknown_in, looked_from), last_month) // 12)::varchar
      when test = 'first month above' and last_value is not null then
        coalesce({{ month_value('first_above') }}, 'none')
      when test = 'every month lower than the one before' and len(months_that_rose) > 0 then 'false'
      when test = 'every month lower than the one before' and months_that_fell = months_asked - 1 then 'true'
      when test = 'highest month' and months_known = months_asked then {{ month_value('highest_month') }}
      when test = 'lowest month' and months_known = months_asked then {{ month_value('lowest_month') }}
      when test like 'lowest month since %' and unknown_of_all = 0 then (lowest_of_all = last_month)::varchar
      when test like 'highest month since %' and unknown_of_all = 0 then (highest_of_all = last_month)::varchar
      when test = 'highest fiscal year since' and year_as_high is not null then 'FY' || year_as_high
      when test = 'highest fiscal year since' and value is not null and years_known = years_asked then stated_value
    end as found
  from measured
)

select
  claim_id,
  vantage,
  found,
  case
    when statements is not null then
      case test
        when 'up to' then stated between lowest_claimed and highest_claimed
        when 'more than' then highest_claimed > stated
        when 'equals' then lowest_claimed = stated and highest_claimed = stated
      end
    when test = 'equals' then round(value / rounding) * rounding = stated
    -- a stated "over 700,000" is more than 700,000; the sum of the known months is a lower bound
    when test = 'more than' then
      case
        when value > stated or known_sum > stated or (is_at_least and value >= stated) then true
        when not coalesce(is_at_least, false) then value > stated
      end
    -- a lower bound below the stated number decides nothing
    when test = 'fewer than' then case when not (coalesce(is_at_least, false) and value < stated) then value < stated end
    when test = 'up to' then case when not (coalesce(is_at_least, false) and value <= stated) then value <= stated end
    when found like 'none since %' then case when stated_month >= known_from then false end
    when test = 'percent change' then round(change) = round(stated)
    when test = 'lowest in years' then
      case
        when found::bigint >= stated then true
        when as_low_in >= coalesce(unknown_in, '0001-01-01') then false
      end
    when test = 'first month above' then
      case when first_above is null and last_value is not null then false else first_above = last_month end
    else found = stated_value
  end as holds,
  case
    when statements is not null then true
    when test = 'equals' then value = stated
    when test = 'percent change' then abs(change - stated) < 0.005
    else true
  end as is_exact,
  value,
  known_sum,
  last_known,
  is_at_least,
  is_statement,
  value_as_high,
  months_that_rose,
  months_unknown,
  statements,
  releases
from found
