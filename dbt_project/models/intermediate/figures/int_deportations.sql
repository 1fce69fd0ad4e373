-- Totals by action: DHS by month from OHSS, ICE by fiscal year to date from its own workbooks.
with monthly_tables as (
  select
    release_id,
    1 as preference,
    month as period_start,
    last_day(month) as period_end,
    case table_name when 'repatriations_by_type' then 'DHS' else 'ICE' end as agency,
    case table_name when 'repatriations_by_type' then replace(series, '_', ' ') else 'removal or return' end as action,
    people,
    10 as rounded_to,
    false as is_partial,
    correction
  from {{ ref('stg_ohss_monthly_tables') }}
  where (
      table_name = 'repatriations_by_type'
      and series in ('removal', 'enforcement_return', 'administrative_return', 'title_42_expulsion')
    )
    or (table_name = 'ice_removals_and_returns_by_citizenship' and series = 'total')
),

every_source as (
  {{ stacked(
    tables=[
      'monthly_tables',
      ref('stg_ohss_monthly_web_table'),
      ref('stg_ohss_repatriations_summary'),
      ref('stg_ice_detention_statistics'),
      ref('stg_ice_removals_summary')
    ],
    columns=[
      'release_id',
      'preference',
      'period_start',
      'period_end',
      'agency',
      'action',
      'people',
      'rounded_to',
      'is_partial',
      'correction'
    ]
  ) }}
)

select *
from every_source
where people is not null -- X: not applicable
  and action is not null -- the total of all actions is their sum
