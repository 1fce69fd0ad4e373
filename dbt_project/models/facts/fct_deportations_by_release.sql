with dated as (
  select
    figures.release_id,
    figures.preference,
    figures.period_start,
    figures.period_end,
    figures.agency,
    figures.action,
    figures.people,
    figures.rounded_to,
    figures.is_partial,
    figures.correction,
    -- a yearly figure without a known end is partial
    figures.is_partial
    or {{ is_provisional("date_trunc('month', figures.period_end)", ['figures.release_id', 'figures.agency']) }} as is_provisional,
    -- a year to date never replaces the whole year, whatever is published later
    figures.is_partial and coalesce(
      bool_or(not figures.is_partial) over (
        partition by figures.agency, figures.action, figures.period_start
        order by releases.published_on
      ),
      false
    ) as is_superseded
  from {{ ref('int_deportations') }} as figures
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = figures.release_id
)

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
  published.is_provisional,
  published.release_id,
  case
    when published.is_superseded is not true
      then
        {{ current_from(
          ['published.agency', 'published.action', 'published.period_start', 'published.is_superseded'],
          ['published.preference', 'releases.repost desc', 'published.release_id']
        ) }}
  end as current_from,
  {{ current_until(['published.agency', 'published.action', 'published.period_start', 'published.is_superseded']) }} as current_until,
  current_from is not null and current_until is null as is_current,
  published.correction
from dated as published
inner join {{ ref('stg_releases') }} as releases on releases.release_id = published.release_id
