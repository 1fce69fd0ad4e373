-- The figures of ICE's detention statistics that facts are made of: counts and average populations
-- without their totals, which are their sums; average stays with those of all people, which are not.
-- Read by six facts and four times by the revisions, hence stored.
{{ config(materialized='table') }}
with dated as (
  select
    release_id,
    table_name,
    {{ folded('title') }} as title,
    fiscal_year,
    updated_through as data_through,
    case
      when table_name in ('population_by_criminality', 'population_by_disposition', 'alternatives_to_detention') then 'day'
      when month_name <> 'total' then 'month'
      else 'fiscal year'
    end as period,
    case when month_name <> 'total' then {{ fiscal_month('fiscal_year', 'month_name') }} end as month,
    arresting_agency,
    criminality,
    facility_type,
    disposition,
    reason,
    area,
    technology,
    people,
    mean,
    correction
  from {{ ref('stg_ice_detention_tables') }}
  where updated_through is not null
    and (
      table_name like 'length_of_stay%'
      or (
        table_name like 'daily_population%'
        and arresting_agency is distinct from 'total'
        and criminality is distinct from 'total'
        and facility_type is distinct from 'total'
      )
      or (table_name = 'alternatives_to_detention' and area <> 'total' and technology <> 'total')
      or (table_name = 'book_ins_by_agency_and_month' and arresting_agency in ('CBP', 'ICE') and month_name <> 'total')
      or ((table_name like 'population%' or table_name like 'book_outs_by_reason%') and role = 'part')
    )
    and coalesce(people, mean) is not null -- a mark for no figure
    -- all people are in the table by agency as well
    and (table_name <> 'length_of_stay_by_facility_type' or facility_type <> 'total')
),

figures as (
  select
    release_id,
    table_name,
    case
      when table_name like 'population%' then 'population'
      when table_name like 'daily_population%' then 'daily population'
      when table_name like 'length_of_stay%' then 'length of stay'
      when table_name like 'book_ins%' then 'book-ins'
      when table_name like 'book_outs%' then 'book-outs'
      else 'alternatives to detention'
    end as subject,
    case
      when table_name = 'population_by_disposition' then 'disposition and facility type'
      when table_name like '%by_facility_type' then 'facility type'
      when table_name = 'alternatives_to_detention' then 'area and technology'
      when table_name = 'book_ins_by_agency_and_month' then 'arresting agency'
      when table_name like 'book_outs%' then 'reason and criminality'
      else 'arresting agency and criminality'
    end as breakdown,
    case when title like '%book out%' then 'all book-outs' else 'releases only' end as scope,
    fiscal_year,
    data_through,
    period,
    case period when 'day' then data_through when 'month' then month else {{ fiscal_year_start('fiscal_year') }} end as period_start,
    case period when 'month' then least(last_day(month), data_through) else data_through end as period_end,
    arresting_agency,
    criminality,
    facility_type,
    disposition,
    reason,
    area,
    technology,
    people,
    mean,
    correction
  from dated
  where month is null or month <= data_through -- months to come read 0
),

covered as (
  select distinct
    release_id,
    subject,
    breakdown,
    period,
    period_start,
    period_end
  from figures

  union all

  -- a workbook with the months of a year takes the place of the year's sums in an earlier one
  select
    release_id,
    subject,
    breakdown,
    'fiscal year' as period,
    {{ fiscal_year_start('fiscal_year') }} as period_start,
    max(period_end) as period_end
  from figures
  where subject = 'book-outs'
    and period = 'month'
  group by all
),

ranked as (
  select
    covered.release_id,
    covered.subject,
    covered.breakdown,
    covered.period,
    covered.period_start,
    {{ current_from(
      ['covered.subject', 'covered.breakdown', 'covered.period', 'covered.period_start'],
      ['covered.period_end desc', 'releases.repost desc', 'covered.release_id']
    ) }} as current_from,
    {{ current_until(['covered.subject', 'covered.breakdown', 'covered.period', 'covered.period_start']) }} as current_until
  from covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
)

select
  figures.release_id,
  figures.subject,
  figures.breakdown,
  figures.scope,
  figures.fiscal_year,
  figures.data_through,
  figures.period,
  figures.period_start,
  figures.period_end,
  figures.arresting_agency,
  figures.criminality,
  figures.facility_type,
  figures.disposition,
  figures.reason,
  figures.area,
  figures.technology,
  figures.people,
  figures.mean,
  ranked.current_from,
  ranked.current_until,
  ranked.current_from is not null and ranked.current_until is null as is_current,
  figures.correction
from figures
inner join ranked
  on ranked.release_id = figures.release_id
  and ranked.subject = figures.subject
  and ranked.breakdown = figures.breakdown
  and ranked.period = figures.period
  and ranked.period_start = figures.period_start
