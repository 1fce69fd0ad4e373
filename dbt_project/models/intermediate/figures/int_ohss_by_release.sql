-- Read by seven facts and by the revisions, hence stored. Within a table of the workbook, a month
-- is current from one release as a whole: the newest published, at equal dates the later repost.
{{ config(materialized='table') }}
with figures as (
  select * from {{ ref('int_ohss_figures') }}
),

covered as (
  select distinct table_name, release_id, month
  from figures
),

dated as (
  select
    covered.table_name,
    covered.release_id,
    covered.month,
    {{ is_provisional('covered.month', ['covered.release_id', 'covered.table_name']) }} as is_provisional,
    {{ current_from(
      ['covered.table_name', 'covered.month'],
      ['releases.last_month desc', 'releases.repost desc', 'covered.release_id']
    ) }} as current_from,
    {{ current_until(['covered.table_name', 'covered.month']) }} as current_until
  from covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
)

select
  figures.subject,
  figures.table_name,
  figures.month,
  main.fiscal_year(figures.month) as fiscal_year,
  figures.measure,
  figures.region,
  figures.agency,
  figures.encounter_kind,
  figures.action,
  figures.breakdown,
  figures.label,
  figures.outcome,
  figures.people,
  10::bigint as rounded_to,
  dated.is_provisional,
  figures.release_id,
  dated.current_from,
  dated.current_until,
  dated.current_from is not null and dated.current_until is null as is_current,
  figures.correction
from figures
inner join dated
  on dated.table_name = figures.table_name
  and dated.release_id = figures.release_id
  and dated.month = figures.month
