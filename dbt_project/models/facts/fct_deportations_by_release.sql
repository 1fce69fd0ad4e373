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
  row_number() over (
    partition by published.agency, published.action, published.period_start
    order by releases.published_on desc, published.preference, releases.posting desc, published.release_id
  ) = 1 as is_current
from {{ ref('stg_deportations') }} as published
inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
