select
  published.period_start,
  published.period_end,
  main.fiscal_year(published.period_start) as fiscal_year,
  published.agency,
  published.action,
  {{ not_broken_down() }} as citizenship,
  published.people,
  published.rounded_to::bigint as rounded_to,
  published.is_partial,
  published.release_id,
  {{ current_from(
    ['published.agency', 'published.action', 'published.period_start'],
    ['published.preference', 'releases.repost desc', 'published.release_id']
  ) }} as current_from,
  {{ current_until(['published.agency', 'published.action', 'published.period_start']) }} as current_until,
  current_from is not null and current_until is null as is_current,
  published.correction
from {{ ref('int_deportations') }} as published
inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
