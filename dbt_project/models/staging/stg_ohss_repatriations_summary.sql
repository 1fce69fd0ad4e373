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
