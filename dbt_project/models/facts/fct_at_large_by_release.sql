select
  split.month,
  main.fiscal_year(split.month) as fiscal_year,
  split.between_ports,
  split.at_large,
  split.at_entry,
  {{ is_provisional('split.month', ['split.release_id']) }} as is_provisional,
  split.release_id,
  {{ current_from(['split.month'], ['releases.repost desc', 'split.release_id']) }} as current_from,
  {{ current_until(['split.month']) }} as current_until,
  current_from is not null and current_until is null as is_current,
  split.correction
from {{ ref('stg_cbp_at_large_split') }} as split
inner join {{ ref('stg_releases') }} as releases on releases.release_id = split.release_id
