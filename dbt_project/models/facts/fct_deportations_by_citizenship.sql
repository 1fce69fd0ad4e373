select
  cut.period_start,
  cut.period_end,
  main.fiscal_year(cut.period_start) as fiscal_year,
  cut.agency,
  cut.action,
  coalesce(spellings.citizenship, {{ citizenship('cut.label') }}) as citizenship,
  cut.people,
  10::bigint as rounded_to,
  cut.release_id,
  cut.correction
from {{ ref('stg_deportations_by_breakdown') }} as cut
left join {{ ref('citizenship_spellings') }} as spellings on spellings.published = {{ citizenship('cut.label') }}
where cut.cut = 'citizenship'
