-- How people left CBP's custody at the southwest border. The two tables of OHSS's workbook count
-- the same people by agency and by family status; its web table has the agencies only. The bundled
-- sums have fewer outcomes, and count only where the archive has neither of them.
with tables as (
  select
    release_id,
    1 as preference,
    case table_name when 'southwest_book_outs_by_agency' then 'agency' else 'family status' end as cut,
    month,
    heading_group,
    label as heading,
    people,
    correction
  from {{ ref('stg_ohss_monthly_tables') }}
  where table_name in ('southwest_book_outs_by_agency', 'southwest_book_outs_by_family_status')

  union all

  select
    release_id,
    2 as preference,
    'agency' as cut,
    month,
    agency as heading_group,
    heading,
    people,
    correction
  from {{ ref('stg_ohss_monthly_web_table_book_outs') }}
),

sums as (
  select
    release_id,
    3 as preference,
    case family_status when 'Total Encounters' then 'agency' else 'family status' end as cut,
    month,
    case family_status when 'Total Encounters' then agency else family_status end as heading_group,
    heading,
    people,
    correction
  from {{ ref('stg_ohss_book_outs_summary') }}
),

cells as (
  select *
  from tables

  union all

  select sums.*
  from sums
  anti join tables on tables.cut = sums.cut and tables.month = sums.month
)

select
  cells.release_id,
  cells.preference,
  cells.cut,
  cells.month,
  case when cells.cut = 'agency' then groups.label else {{ not_broken_down() }} end as agency,
  case when cells.cut = 'family status' then groups.label else {{ not_broken_down() }} end as family_status,
  outcomes.label as outcome,
  cells.people,
  cells.correction
from cells
left join {{ source('raw', 'vocabulary') }} as groups
  on groups.dimension = case cells.cut when 'agency' then 'custody_agency' else 'family_status' end
  and groups.spelling = {{ folded('cells.heading_group') }}
left join {{ source('raw', 'vocabulary') }} as outcomes
  on outcomes.dimension = 'custody_outcome'
  and outcomes.spelling = {{ folded('cells.heading') }}
where cells.people is not null -- X: not applicable
  -- the totals are the sums of the others
  and groups.label is distinct from 'CBP'
  and groups.label is distinct from 'total'
  and outcomes.label is distinct from 'total'
