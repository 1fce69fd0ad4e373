{% set columns = [
  'month', 'fiscal_year', 'between_ports', 'at_ports', 'total', 'at_large',
  'between_ports_month_change_percent', 'between_ports_year_change_percent',
  'between_ports_lowest_since', 'between_ports_highest_since',
  'total_month_change_percent', 'total_year_change_percent',
  'total_lowest_since', 'total_highest_since',
  'between_ports_lowest_since_status', 'between_ports_highest_since_status',
  'total_lowest_since_status', 'total_highest_since_status',
  'is_provisional',
  'between_ports_release_id', 'at_ports_release_id', 'total_release_id', 'at_large_release_id'
] -%}
{% set cuts = [
  ('fct_southwest_encounters_by_release', none),
  ('fct_encounters_by_release', 'Southwest Land Border')
] -%}
-- The whole series is made as of each day on which a figure became current; a row stays until
-- one of its columns changes.
with by_release as (
  {% for cut, region in cuts -%}
  select
    month,
    release_id,
    current_from,
    current_until,
    {{ loop.index }} as preference,
    sum(encounters) filter (where component = 'U.S. Border Patrol') as between_ports,
    sum(encounters) filter (where component = 'Office of Field Operations') as at_ports,
    between_ports + at_ports as total,
    null::bigint as at_large,
    bool_or(is_provisional) as is_provisional
  from {{ ref(cut) }}
  where
    current_from is not null
    {% if region %} and land_border_region = '{{ region }}' {% endif %}
  group by month, release_id, current_from, current_until

  union all

  {% endfor -%}
  select
    month,
    release_id,
    current_from,
    current_until,
    3 as preference,
    null as between_ports,
    null as at_ports,
    sum(encounters) as total,
    null as at_large,
    bool_or(is_provisional) as is_provisional
  from {{ ref('fct_encounters_by_state_by_release') }}
  where current_from is not null and land_border_region = 'Southwest Land Border'
  group by month, release_id, current_from, current_until

  union all

  select
    month,
    release_id,
    current_from,
    current_until,
    4 as preference,
    between_ports,
    null as at_ports,
    null as total,
    at_large,
    is_provisional
  from {{ ref('fct_at_large_by_release') }}
  where current_from is not null
),

days as (
  select distinct current_from as day from by_release
),

known as (
  select
    days.day,
    by_release.month,
    by_release.release_id,
    by_release.preference,
    by_release.between_ports,
    by_release.at_ports,
    by_release.total,
    by_release.at_large,
    by_release.is_provisional,
    by_release.between_ports is not null and by_release.at_ports is not null as is_complete,
    -- at equal dates the cut with the lowest preference number
    (releases.published_on, -by_release.preference, by_release.release_id) as newness
  from by_release
  inner join {{ ref('dim_release') }} as releases on releases.release_id = by_release.release_id
  inner join days on {{ was_current('by_release', 'days.day') }}
),

-- the newest release that has both components; where none has, each figure by itself
chosen as (
  select day, month, release_id, between_ports, at_ports, total, is_provisional, newness
  from known
  qualify is_complete or not bool_or(is_complete) over (partition by day, month)
),

headline as (
  select
    day,
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
  group by day, month
),

figures as (
  select
    headline.day,
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
  left join known as split on split.day = headline.day and split.month = headline.month and split.preference = 4
),

spine as (
  select days.day, dim_month.month, figures.between_ports, figures.total
  from days
  cross join {{ ref('dim_month') }} as dim_month
  left join figures on figures.day = days.day and figures.month = dim_month.month
),

before as (
  select
    figures.day,
    figures.month
    {%- for series in ['between_ports', 'total'] %},
    {{ months_before(series) }}
    {%- endfor %}
  from figures
  left join spine as earlier on earlier.day = figures.day and earlier.month < figures.month
  group by figures.day, figures.month
),

series as (
  select
    figures.day,
    figures.month,
    main.fiscal_year(figures.month) as fiscal_year,
    figures.between_ports,
    figures.at_ports,
    figures.total,
    figures.at_large,
    {% for series in ['between_ports', 'total'] -%}
    {{ change_percent(series, 'month_before') }} as {{ series }}_month_change_percent,
    {{ change_percent(series, 'year_before') }} as {{ series }}_year_change_percent,
    {% for extreme in ['lowest', 'highest'] -%}
    {{ since(series, extreme) }} as {{ series }}_{{ extreme }}_since,
    {{ since_status(series, extreme) }} as {{ series }}_{{ extreme }}_since_status,
    {% endfor -%}
    {% endfor -%}
    figures.is_provisional,
    figures.between_ports_release_id,
    figures.at_ports_release_id,
    figures.total_release_id,
    figures.at_large_release_id
  from figures
  inner join before on before.day = figures.day and before.month = figures.month
  left join spine as month_before
    on month_before.day = figures.day and month_before.month = figures.month - interval 1 month
  left join spine as year_before
    on year_before.day = figures.day and year_before.month = figures.month - interval 1 year
),

versions as (
  select {{ columns | join(', ') }}, day as current_from
  from series
  qualify
    row({{ columns | join(', ') }})
    is distinct from lag(row({{ columns | join(', ') }})) over (partition by month order by day)
)

select
  {{ columns | join(',\n  ') }},
  current_from,
  lead(current_from) over (partition by month order by current_from) as current_until,
  current_until is null as is_current
from versions
