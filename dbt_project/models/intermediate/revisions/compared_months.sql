{{ config(materialized='table') }}
-- A release is compared with the one that it replaced in at least one month and region. Of the
-- releases of one day only the most detailed are compared: the others are sums of the same figures.
with covered as (
  {% for cut in ['southwest', 'area', 'state'] -%}
  select
    '{{ cut }}' as cut,
    release_id,
    month,
    {{ region_of(cut) }} as land_border_region,
    list_filter(
      [
        {% for dimension in dimensions_of(cut) -%}
        case when bool_or({{ dimension }} <> {{ not_broken_down() }}) then '{{ dimension }}' end{{ ',' if not loop.last }}
        {% endfor -%}
      ],
      lambda dimension: dimension is not null
    ) as broken_down
  from {{ by_release(cut) }}
  group by all
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

most_detailed as (
  select
    covered.cut,
    covered.release_id,
    covered.month,
    covered.land_border_region,
    releases.published_on,
    releases.last_month,
    releases.repost
  from covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
  qualify len(covered.broken_down) = max(len(covered.broken_down)) over (
    partition by covered.cut, covered.month, covered.land_border_region, releases.published_on
  )
),

consecutive as (
  select
    cut,
    lag(release_id) over (
      partition by cut, month, land_border_region
      order by published_on, last_month, repost, release_id desc
    ) as earlier_release_id,
    release_id as later_release_id
  from most_detailed
),

pairs as (
  select distinct cut, earlier_release_id, later_release_id
  from consecutive
  where earlier_release_id is not null
),

months as (
  select cut, release_id, month, list_distinct(flatten(list(broken_down))) as broken_down
  from covered
  group by cut, release_id, month
),

regions as (
  select covered.cut, covered.release_id, releases.dataset, list(distinct covered.land_border_region) as regions
  from covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
  group by covered.cut, covered.release_id, releases.dataset
)

select
  row_number() over (
    order by pairs.cut, pairs.earlier_release_id, pairs.later_release_id, earlier.month
  )::integer as comparison,
  pairs.cut,
  pairs.earlier_release_id,
  pairs.later_release_id,
  earlier.month,
  list_sort(list_intersect(earlier.broken_down, later.broken_down)) as broken_down,
  -- a region that the next release of the same dataset lacks was withdrawn; a release of another
  -- dataset may never have had it
  list_sort(case
    when earlier_regions.dataset = later_regions.dataset
      then list_distinct(list_concat(earlier_regions.regions, later_regions.regions))
    else list_intersect(earlier_regions.regions, later_regions.regions)
  end) as regions
from pairs
inner join months as earlier on earlier.cut = pairs.cut and earlier.release_id = pairs.earlier_release_id
inner join months as later
  on later.cut = pairs.cut
  and later.release_id = pairs.later_release_id
  and later.month = earlier.month
inner join regions as earlier_regions
  on earlier_regions.cut = pairs.cut and earlier_regions.release_id = pairs.earlier_release_id
inner join regions as later_regions
  on later_regions.cut = pairs.cut and later_regions.release_id = pairs.later_release_id
