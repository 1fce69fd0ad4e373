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
