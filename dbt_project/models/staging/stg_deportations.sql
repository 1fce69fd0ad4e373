-- Totals by act. OHSS tells DHS by month; ICE tells its own by fiscal year, to some day.
with workbook as (
  select
    release_id,
    1 as preference,
    month_start::date as period_start,
    last_day(month_start::date) as period_end,
    case table_name when 'repatriations_by_type' then 'DHS' else 'ICE' end as agency,
    case table_name when 'repatriations_by_type' then replace(series, '_', ' ') else 'removal or return' end as action,
    {{ typed_figure(corrected('figure')) }} as people,
    10 as rounded_to,
    false as is_partial,
    correction
  from {{ source('raw', 'ohss_monthly_tables') }}
  where problem is null
    and month_start is not null
    and (
      (
        table_name = 'repatriations_by_type'
        and series in ('removal', 'enforcement_return', 'administrative_return', 'title_42_expulsion')
      )
      or (table_name = 'ice_removals_and_returns_by_citizenship' and series = 'total')
    )
),

web_table as (
  select
    published.release_id,
    2 as preference,
    published.month_start::date as period_start,
    last_day(published.month_start::date) as period_end,
    'DHS' as agency,
    acts.action,
    {{ typed_figure('acts.figure') }} as people,
    10 as rounded_to,
    false as is_partial,
    acts.correction
  from {{ source('raw', 'ohss_monthly_web_table') }} as published
  cross join lateral (
    values
      ('removal', {{ corrected('published.repatriations_removals') }}, {{ correction_of('published.repatriations_removals') }}),
      ('enforcement return', {{ corrected('published.repatriations_enforcement_returns') }}, {{ correction_of('published.repatriations_enforcement_returns') }}),
      ('administrative return', {{ corrected('published.repatriations_administrative_returns') }}, {{ correction_of('published.repatriations_administrative_returns') }}),
      ('title 42 expulsion', {{ corrected('published.repatriations_title_42_expulsions') }}, {{ correction_of('published.repatriations_title_42_expulsions') }})
  ) as acts (action, figure, correction)
  where published.problem is null
    and published.month_start is not null
),

transcribed as (
  select
    published.release_id,
    3 as preference,
    published.month_start::date as period_start,
    last_day(published.month_start::date) as period_end,
    'DHS' as agency,
    case {{ label('repatriation_type') }}
      when 'Removals' then 'removal'
      when 'Enforcement Returns' then 'enforcement return'
      when 'Administrative Returns' then 'administrative return'
      when 'Title 42 Expulsions' then 'title 42 expulsion'
    end as action,
    {{ typed_count(corrected('published.repatriations')) }} as people,
    10 as rounded_to,
    false as is_partial,
    published.correction
  from {{ source('raw', 'ohss_repatriations_summary') }} as published
  {{ join_label('repatriation_type') }}
  where published.problem is null
),

ice_workbook as (
  select
    release_id,
    1 as preference,
    {{ fiscal_year_start(typed_year('fiscal_year')) }} as period_start,
    updated_through::date as period_end,
    'ICE' as agency,
    'removal' as action,
    {{ typed_figure(corrected('figure')) }} as people,
    1 as rounded_to,
    updated_through::date < {{ fiscal_year_end(typed_year('fiscal_year')) }} as is_partial,
    correction
  from {{ source('raw', 'ice_detention_statistics') }}
  where problem is null
    and table_name = 'removals'
    and {{ folded('row_label') }} = 'total'
    and {{ folded('label') }} = 'total'
  -- a sheet of an earlier year may be left inside
  qualify fiscal_year = max(fiscal_year) over (partition by release_id)
),

ice_transcribed as (
  select
    release_id,
    2 as preference,
    {{ fiscal_year_start(typed_year('fiscal_year')) }} as period_start,
    case
      when coverage ilike 'through%' then {{ last_day_of("split_part(coverage, ' ', 2)") }}
      else {{ fiscal_year_end(typed_year('fiscal_year')) }}
    end as period_end,
    'ICE' as agency,
    'removal' as action,
    {{ typed_count(corrected('removals')) }} as people,
    1 as rounded_to,
    period_end < {{ fiscal_year_end(typed_year('fiscal_year')) }} as is_partial,
    correction
  from {{ source('raw', 'ice_removals_summary') }}
  where problem is null
),

every_source as (
  select * from workbook
  union all
  select * from web_table
  union all
  select * from transcribed
  union all
  select * from ice_workbook
  union all
  select * from ice_transcribed
)

select *
from every_source
where people is not null -- X, not applicable, is no figure
  and action is not null -- the total of all acts is their sum
