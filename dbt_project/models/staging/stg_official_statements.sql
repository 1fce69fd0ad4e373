-- One row per number that an official stated; repeated in another file it is one statement.
{% set unit = "coalesce(nullif(" ~ folded('published.unit') ~ ", ''), 'people')" %}
select
  published.release_id,
  {{ last_day_of('published.published_on') }} as stated_on,
  trim(published.metric) as metric,
  {{ period_start('trim(published.period)') }} as period_start,
  {{ period_end('trim(published.period)') }} as period_end,
  case when {{ unit }} = 'people' then {{ typed_count('published.value') }} end as people,
  {{ typed_count('published.value') }} as value,
  {{ unit }} as unit,
  trim(published.qualifier) as qualifier,
  {{ folded('published.qualifier') }} = 'exact' as is_exact,
  regexp_matches({{ folded('published.qualifier') }}, 'over|more than|at least|minimum') as is_at_least,
  trim(published.speaker) as speaker,
  trim(published.source_url) as source_url,
  nullif(trim(published.note), '') as note
from {{ source('raw', 'official_statements') }} as published
inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
where published.problem is null
qualify row_number() over (
  partition by
    published.published_on,
    {{ folded('published.metric') }},
    {{ folded('published.period') }}
  order by releases.published_on desc, published.release_id
) = 1
