-- One row per statement. What a transcription leaves open (the measure, the grade, the day of the
-- statement) is taken from the last one that has it.
with statements as (
  select
    published.release_id,
    releases.published_on,
    {{ first_day_of('published.as_of_date') }} as as_of_date,
    {{ folded('published.count_type') }} as count_type,
    trim(published.value) as value,
    trim(published.qualifier) as qualifier,
    {{ first_day_of('published.period_start') }} as period_start,
    {{ first_day_of('published.period_end') }} as period_end,
    {{ first_day_of('published.stated_on') }} as stated_on,
    place_entry.label as place,
    local_measure_entry.label as measure,
    statement_grade_entry.label as grade,
    source_grade_entry.label as source_grade,
    trim(published.who_said) as speaker,
    trim(published.publisher) as publisher,
    trim(published.url) as url,
    nullif(trim(published.text_note), '') as note,
    -- two numbers of one speaker on one page stay two statements
    row_number() over (
      partition by published.release_id, place_entry.label, published.as_of_date, {{ folded('published.count_type') }},
        trim(published.who_said), trim(published.url)
      order by published.row_number
    ) as ordinal
  from (
    select *, measure as local_measure, grade as statement_grade
    from (
      -- the statements that were transcribed first are all of San Diego County
      select *, 'San Diego County' as place, null::varchar as source_grade
      from {{ source('raw', 'san_diego_street_releases') }}
      union all by name
      select * from {{ source('raw', 'local_statements') }}
    ) as transcribed
  ) as published
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
  {{ join_label('place') }}
  {{ join_label('local_measure') }}
  {{ join_label('statement_grade') }}
  {{ join_label('source_grade') }}
  where published.problem is null
)

select
  arg_max(release_id, (published_on, release_id)) as release_id,
  place,
  as_of_date,
  count_type,
  arg_max(value, (published_on, release_id)) as value,
  arg_max(qualifier, (published_on, release_id)) as qualifier,
  arg_max(period_start, (published_on, release_id)) as period_start,
  arg_max(period_end, (published_on, release_id)) as period_end,
  arg_max(stated_on, (published_on, release_id)) as stated_on,
  arg_max(measure, (published_on, release_id)) as measure,
  arg_max(grade, (published_on, release_id)) as grade,
  arg_max(source_grade, (published_on, release_id)) as source_grade,
  speaker,
  arg_max(publisher, (published_on, release_id)) as publisher,
  url,
  arg_max(note, (published_on, release_id)) as note
from statements
group by place, as_of_date, count_type, speaker, url, ordinal
