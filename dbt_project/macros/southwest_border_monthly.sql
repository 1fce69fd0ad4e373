{#
  The headline series, from the rows of each cut that are current, now or as of a day.

  southwest, area, state, at_large: relations with the rows of one release per month (and region).
#}
{% macro southwest_border_monthly(southwest, area, state, at_large) -%}
with published as (
  select
    month,
    release_id,
    1 as preference,
    sum(encounters) filter (where component = 'U.S. Border Patrol') as between_ports,
    sum(encounters) filter (where component = 'Office of Field Operations') as at_ports,
    null::bigint as total,
    bool_or(is_provisional) as is_provisional
  from {{ southwest }}
  group by month, release_id

  union all

  select
    month,
    release_id,
    2 as preference,
    sum(encounters) filter (where component = 'U.S. Border Patrol') as between_ports,
    sum(encounters) filter (where component = 'Office of Field Operations') as at_ports,
    null::bigint as total,
    bool_or(is_provisional) as is_provisional
  from {{ area }}
  where land_border_region = 'Southwest Land Border'
  group by month, release_id

  union all

  select
    month,
    release_id,
    3 as preference,
    null as between_ports,
    null as at_ports,
    sum(encounters) as total,
    bool_or(is_provisional) as is_provisional
  from {{ state }}
  where land_border_region = 'Southwest Land Border'
  group by month, release_id

  union all

  select
    month,
    release_id,
    4 as preference,
    between_ports,
    null as at_ports,
    null as total,
    is_provisional
  from {{ at_large }}
),

dated as (
  select
    published.month,
    published.release_id,
    published.between_ports,
    published.at_ports,
    published.is_provisional,
    coalesce(published.total, published.between_ports + published.at_ports) as total,
    published.between_ports is not null and published.at_ports is not null as is_complete,
    -- at equal dates the cut with the lowest preference number
    (releases.published_on, -published.preference, published.release_id) as newness
  from published
  inner join {{ in_this_file('dim_release') }} as releases on releases.release_id = published.release_id
),

-- the newest release that has both components; where none has, each figure by itself
chosen as (
  select month, release_id, between_ports, at_ports, total, is_provisional, newness
  from dated
  qualify is_complete or not bool_or(is_complete) over (partition by month)
),

headline as (
  select
    month,
    arg_max(between_ports, newness)::bigint as between_ports,
    arg_max(at_ports, newness)::bigint as at_ports,
    arg_max(total, newness)::bigint as total,
    arg_max(case when between_ports is not null then release_id end, newness) as between_ports_release_id,
    arg_max(case when at_ports is not null then release_id end, newness) as at_ports_release_id,
    arg_max(case when total is not null then release_id end, newness) as total_release_id,
    greatest(
      arg_max(case when between_ports is not null then is_provisional end, newness),
      arg_max(case when at_ports is not null then is_provisional end, newness),
      arg_max(case when total is not null then is_provisional end, newness)
    ) as is_provisional
  from chosen
  group by month
),

figures as (
  select
    headline.month,
    headline.between_ports,
    headline.at_ports,
    headline.total,
    headline.between_ports_release_id,
    headline.at_ports_release_id,
    headline.total_release_id,
    split.at_large,
    split.release_id as at_large_release_id,
    coalesce(greatest(headline.is_provisional, split.is_provisional), false) as is_provisional
  from headline
  left join {{ at_large }} as split on split.month = headline.month
),

spine as (
  select dim_month.month, figures.between_ports, figures.total
  from {{ in_this_file('dim_month') }} as dim_month
  left join figures on figures.month = dim_month.month
)

select
  figures.month,
  main.fiscal_year(figures.month) as fiscal_year,
  figures.between_ports,
  figures.at_ports,
  figures.total,
  figures.at_large,
  {{ change_percent('between_ports', 'month_before') }} as between_ports_month_change_percent,
  {{ change_percent('between_ports', 'year_before') }} as between_ports_year_change_percent,
  {{ since('between_ports', '<=') }} as between_ports_lowest_since,
  {{ since('between_ports', '>=') }} as between_ports_highest_since,
  {{ change_percent('total', 'month_before') }} as total_month_change_percent,
  {{ change_percent('total', 'year_before') }} as total_year_change_percent,
  {{ since('total', '<=') }} as total_lowest_since,
  {{ since('total', '>=') }} as total_highest_since,
  {% for series in ['between_ports', 'total'] -%}
  {{ since_status(series, '<=') }} as {{ series }}_lowest_since_status,
  {{ since_status(series, '>=') }} as {{ series }}_highest_since_status,
  {% endfor -%}
  figures.is_provisional,
  figures.between_ports_release_id,
  figures.at_ports_release_id,
  figures.total_release_id,
  figures.at_large_release_id
from figures
left join spine as month_before on month_before.month = figures.month - interval 1 month
left join spine as year_before on year_before.month = figures.month - interval 1 year
{%- endmacro %}
