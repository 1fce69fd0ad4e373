{{ config(materialized='table') }}
-- Of the figures published by the vantage's day, first choices come before others and newer ones
-- before older ones. A month without a figure has NULL, because it is unknown and not zero.
with chosen as (
  select periods.claim_id, periods.vantage, figures.month, figures.value, figures.release_id
  from {{ ref('claim_periods') }} as periods
  inner join {{ ref('claim_figures') }} as figures
    on figures.series = periods.series
    and figures.published_on <= periods.as_of
  qualify row_number() over (
    partition by periods.claim_id, periods.vantage, figures.month
    order by
      figures.is_first_choice desc,
      figures.published_on desc,
      figures.preference,
      figures.release_id
  ) = 1
),

first_known as (
  select claim_id, vantage, min(month) as month from chosen group by claim_id, vantage
),

spine as (
  select periods.claim_id, periods.vantage, months.month::date as month
  from {{ ref('claim_periods') }} as periods
  inner join first_known
    on first_known.claim_id = periods.claim_id and first_known.vantage = periods.vantage
  cross join lateral (
    select unnest(generate_series(
      least(first_known.month, periods.looks_from, periods.first_month),
      greatest(periods.last_month, (date_trunc('month', periods.stated_on) - interval 1 month)::date),
      interval 1 month
    )) as month
  ) as months
)

select
  spine.claim_id,
  spine.vantage,
  spine.month,
  chosen.value,
  lag(chosen.value) over (partition by spine.claim_id, spine.vantage order by spine.month) as value_before,
  chosen.release_id
from spine
left join chosen
  on chosen.claim_id = spine.claim_id
  and chosen.vantage = spine.vantage
  and chosen.month = spine.month
