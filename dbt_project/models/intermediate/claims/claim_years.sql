-- Only claims that name a fiscal year. The years between it and the claim's own count where their
-- whole figure is known.
with whole_years as (
  select
    claim_id,
    vantage,
    main.fiscal_year(month) as fiscal_year,
    sum(value) as value,
    list(distinct release_id) as releases
  from {{ ref('claim_months') }}
  group by claim_id, vantage, main.fiscal_year(month)
  having count(value) = 12

  union all

  select
    periods.claim_id,
    periods.vantage,
    main.fiscal_year(windows.last_month) as fiscal_year,
    windows.people as value,
    [windows.release_id] as releases
  from {{ ref('claim_periods') }} as periods
  inner join {{ ref('claim_windows') }} as windows
    on windows.series = periods.series
    and windows.published_on <= periods.as_of
  where month(windows.first_month) = 10
    and windows.last_month = windows.first_month + interval 11 month
    and not windows.is_at_least
  qualify row_number() over (
    partition by periods.claim_id, periods.vantage, windows.last_month
    order by windows.published_on desc, windows.is_statement, windows.release_id
  ) = 1
)

select
  periods.claim_id,
  periods.vantage,
  max(whole_years.fiscal_year) filter (where whole_years.value >= totals.value) as year_as_high,
  arg_max(whole_years.value, whole_years.fiscal_year) filter (where whole_years.value >= totals.value) as value_as_high,
  count(distinct whole_years.fiscal_year) as years_known,
  any_value(main.fiscal_year(periods.last_month) - periods.stated_year - 1) as years_asked,
  list_distinct(flatten(list(whole_years.releases))) as releases
from {{ ref('claim_periods') }} as periods
inner join {{ ref('claim_totals') }} as totals
  on totals.claim_id = periods.claim_id and totals.vantage = periods.vantage
inner join whole_years
  on whole_years.claim_id = periods.claim_id
  and whole_years.vantage = periods.vantage
  and whole_years.fiscal_year > periods.stated_year
  and whole_years.fiscal_year < main.fiscal_year(periods.last_month)
group by periods.claim_id, periods.vantage
