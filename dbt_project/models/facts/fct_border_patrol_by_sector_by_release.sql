select
  published.month,
  main.fiscal_year(published.month) as fiscal_year,
  published.sector,
  published.encounters,
  10::bigint as rounded_to,
  {{ is_provisional('published.month', ['published.release_id']) }} as is_provisional,
  published.release_id,
  row_number() over (
    partition by published.month, published.sector
    order by releases.published_on desc, published.preference, releases.repost desc, published.release_id
  ) = 1 as is_current,
  published.correction
from {{ ref('int_border_patrol_rounded') }} as published
inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
where published.is_by_sector
