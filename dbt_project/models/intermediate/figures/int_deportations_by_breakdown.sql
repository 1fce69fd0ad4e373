-- One action broken down in one way, from OHSS's monthly tables. The whole series of a table is
-- from one release, the newest that has it: its ten citizenships change from release to release,
-- and with them the meaning of Other.
with cells as (
  select
    published.release_id,
    published.month as period_start,
    last_day(published.month) as period_end,
    case when published.table_name like 'ice_%' then 'ICE' else 'DHS' end as agency,
    case
      when published.table_name like 'ice_removals_and_returns_%' then 'removal or return'
      when published.table_name like 'removals_%' then 'removal'
      when published.table_name like 'enforcement_returns_%' then 'enforcement return'
      when published.table_name like 'administrative_returns_%' then 'administrative return'
    end as action,
    regexp_extract(published.table_name, '_by_(citizenship|criminality|arresting_agency)$', 1) as breakdown,
    published.table_name,
    published.series,
    published.label,
    published.people,
    published.correction
  from {{ ref('stg_ohss_monthly_tables') }} as published
  where regexp_matches(
    published.table_name,
    '^(ice_removals_and_returns|removals|enforcement_returns|administrative_returns)_by_(citizenship|criminality|arresting_agency)$'
  )
)

select
  cells.release_id,
  cells.period_start,
  cells.period_end,
  cells.agency,
  cells.action,
  cells.breakdown,
  cells.series,
  cells.label,
  cells.people,
  {{ is_provisional('cells.period_start', ['cells.release_id', 'cells.table_name']) }} as is_provisional,
  cells.correction
from cells
inner join {{ ref('stg_releases') }} as releases on releases.release_id = cells.release_id
where cells.people is not null
  and cells.series <> 'total'
qualify dense_rank() over (
  partition by cells.table_name
  order by releases.published_on desc, releases.last_month desc, releases.repost desc, cells.release_id
) = 1
