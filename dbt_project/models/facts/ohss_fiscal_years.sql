with months as (
  select
    release_id,
    table_name,
    heading_group,
    label,
    main.fiscal_year(month) as fiscal_year,
    sum(people)::bigint as people,
    count(distinct month) filter (where people is not null) as months_covered
  from {{ ref('stg_ohss_monthly_tables') }}
  group by all
),

years as (
  select
    release_id,
    table_name,
    heading_group,
    label,
    series,
    fiscal_year,
    people,
    correction
  from {{ ref('stg_ohss_monthly_tables_years') }}
  where people is not null -- X and NA are not zeros
  -- two columns under one heading cannot be told apart
  qualify count(column_letter) over (partition by release_id, table_name, heading_group, label, fiscal_year) = 1
),

covered as (
  select
    release_id,
    table_name,
    main.fiscal_year(month) as fiscal_year,
    count(distinct month) as months
  from {{ ref('stg_ohss_monthly_tables') }}
  group by all
),

dated as (
  select
    covered.release_id,
    covered.table_name,
    covered.fiscal_year,
    covered.months,
    {{ current_from(
      ['covered.table_name', 'covered.fiscal_year'],
      ['releases.last_month desc', 'releases.repost desc', 'covered.release_id']
    ) }} as current_from,
    {{ current_until(['covered.table_name', 'covered.fiscal_year']) }} as current_until
  from covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
)

select
  years.table_name,
  years.heading_group,
  years.label,
  years.series,
  years.fiscal_year,
  years.people,
  months.people as sum_of_months,
  years.people - months.people as difference,
  months.months_covered,
  10::bigint as rounded_to,
  dated.months < 12 as is_partial,
  years.release_id,
  dated.current_from,
  dated.current_until,
  dated.current_from is not null and dated.current_until is null as is_current,
  years.correction
from years
inner join months
  on months.release_id = years.release_id
  and months.table_name = years.table_name
  and months.heading_group = years.heading_group
  and months.label = years.label
  and months.fiscal_year = years.fiscal_year
inner join dated
  on dated.release_id = years.release_id
  and dated.table_name = years.table_name
  and dated.fiscal_year = years.fiscal_year
