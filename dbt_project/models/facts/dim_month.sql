with covered as (
  select month from {{ ref('fct_southwest_encounters_by_release') }}
  union
  select month from {{ ref('fct_encounters_by_release') }}
  union
  select month from {{ ref('fct_encounters_by_state_by_release') }}
  union
  select month from {{ ref('stg_cbp_at_large_split') }}
  union
  select month from {{ ref('int_border_patrol_rounded') }}
  union
  select date_trunc('month', period_start)::date as month from {{ ref('int_deportations') }}
  union
  select date_trunc('month', period_end)::date as month from {{ ref('int_deportations') }}
)

select
  months.month::date as month,
  main.fiscal_year(months.month::date) as fiscal_year,
  ((month(months.month) + 2) % 12 + 1)::integer as fiscal_month,
  ((month(months.month) + 2) % 12 // 3 + 1)::integer as fiscal_quarter,
  year(months.month)::integer as calendar_year,
  strftime(months.month, '%B') as month_name
from (
  select unnest(generate_series(min(month), max(month), interval 1 month)) as month from covered
) as months
