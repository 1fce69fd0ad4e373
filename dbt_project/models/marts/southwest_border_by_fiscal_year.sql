-- A year of which months are missing is marked, and compared with the same months of the year before.
with months as (
  select
    monthly.fiscal_year,
    monthly.month,
    figures.series,
    figures.encounters,
    figures.release_id
  from {{ ref('southwest_border_monthly') }} as monthly
  cross join lateral (
    values
    ('between ports', monthly.between_ports, monthly.between_ports_release_id),
    ('at ports', monthly.at_ports, monthly.at_ports_release_id),
    ('total', monthly.total, monthly.total_release_id)
  ) as figures (series, encounters, release_id)
  where figures.encounters is not null
)

select
  months.fiscal_year,
  months.series,
  sum(months.encounters)::bigint as encounters,
  count(months.month)::bigint as months_covered,
  count(months.month) < 12 as is_partial,
  max(months.month) as last_month,
  case when count(earlier.month) = count(*) then sum(earlier.encounters)::bigint end as same_months_year_before,
  100.0 * (sum(months.encounters) - sum(earlier.encounters)) / nullif(sum(earlier.encounters), 0)
  * case when count(earlier.month) = count(*) then 1.0 end as change_percent,
  list_sort(list(distinct months.release_id)) as release_ids
from months
left join months as earlier
  on earlier.series = months.series
  and earlier.month = months.month - interval 1 year
group by months.fiscal_year, months.series
order by months.fiscal_year, months.series
