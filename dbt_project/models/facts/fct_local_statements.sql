with statements as (
  select
    release_id,
    place,
    as_of_date,
    count_type,
    qualifier,
    period_start,
    period_end,
    stated_on,
    measure,
    grade,
    source_grade,
    speaker,
    publisher,
    url,
    note,
    -- the ends of a range such as `125000-154000`; for a single number, both are that number
    {{ typed_count("split_part(replace(value, '–', '-'), '-', 1)") }} as low,
    {{ typed_count("split_part(replace(value, '–', '-'), '-', -1)") }} as high
  from {{ ref('stg_local_statements') }}
),

stated as (
  select
    place,
    coalesce(stated_on, as_of_date) as stated_on,
    period_start,
    case when count_type not in ('daily average', 'weekly average') then coalesce(period_end, as_of_date) end as period_end,
    coalesce(
      measure,
      case count_type when 'served' then 'served by welcome centre' else 'street releases' end
    ) as measure,
    count_type,
    high as people,
    case when low <> high then low end as people_at_least,
    qualifier,
    speaker,
    publisher,
    url,
    coalesce(grade, 'press') as grade,
    source_grade,
    note,
    release_id
  from statements
)

-- a copy or an undated page counts only where no better page has a number of that time
select stated.*
from stated
where stated.source_grade is distinct from 'C'
  or not exists (
    select 1
    from stated as better
    where better.place = stated.place
      and better.measure = stated.measure
      and better.source_grade is distinct from 'C'
      and coalesce(better.period_start, better.stated_on) <= coalesce(stated.period_end, stated.stated_on)
      and coalesce(better.period_end, better.stated_on) >= coalesce(stated.period_start, stated.stated_on)
  )
