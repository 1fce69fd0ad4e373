with statements as (
  select
    release_id,
    as_of_date,
    count_type,
    qualifier,
    period_start,
    period_end,
    stated_on,
    measure,
    grade,
    speaker,
    publisher,
    url,
    note,
    -- the ends of a range such as `125000-154000`; for a single number, both are that number
    {{ typed_count("split_part(replace(value, '–', '-'), '-', 1)") }} as low,
    {{ typed_count("split_part(replace(value, '–', '-'), '-', -1)") }} as high
  from {{ ref('stg_san_diego_street_releases') }}
)

select
  coalesce(stated_on, as_of_date) as stated_on,
  period_start,
  case when count_type <> 'daily average' then coalesce(period_end, as_of_date) end as period_end,
  coalesce(
    measure,
    case count_type when 'served' then 'welcome-centre throughput' else 'street releases' end
  ) as measure,
  count_type,
  high as people,
  case when low <> high then low end as people_at_least,
  qualifier,
  speaker,
  publisher,
  url,
  coalesce(grade, 'press') as grade,
  note,
  release_id
from statements
