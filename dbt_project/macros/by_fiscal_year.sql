{#
  Encounters by fiscal year, with the months that they cover and the same months of the year before.

  cells: a relation with month, encounters, release_id, is_provisional and the columns named below;
    a month of a place is from one release.
  places: the columns for which releases have a month as a whole or not at all, such as the region.
  label: the column that is counted. A month that a release breaks down by it, without a row of a
    label, has nobody of the label; a month that it does not break down is not covered. None: each
    of the places is counted, and a month without a row is unknown.
  has_other: whether a label that a release does not list is counted under OTHER, so that the months
    of a release without any row of it are not covered.
#}
{% macro by_fiscal_year(cells, places, label=none, has_other=false) -%}
{%- set keys = places + ([label] if label else []) -%}
{%- set detail -%} {{ '(' ~ label ~ ' = ' ~ not_broken_down() ~ ')' if label else 'false' }} {%- endset -%}
with cells as (
  select
    month,
    {% for key in keys -%}
    {{ key }},
    {% endfor -%}
    {{ detail }} as is_not_broken_down,
    sum(encounters) as encounters,
    bool_or(is_provisional) as is_provisional,
    min(release_id) as release_id
  from {{ cells }}
  group by month, {{ keys | join(', ') }}
),

-- the months that are known of a place
covered as (
  select
    month,
    main.fiscal_year(month) as fiscal_year,
    {% for place in places -%}
    {{ place }},
    {% endfor -%}
    is_not_broken_down,
    bool_or(is_provisional) as is_provisional,
    min(release_id) as release_id
  from cells
  group by month, {{ places | join(', ') }}, is_not_broken_down
),

years as (
  select distinct
    main.fiscal_year(month) as fiscal_year,
    {% for key in keys -%}
    {{ key }},
    {% endfor -%}
    is_not_broken_down
  from cells
),

{% if has_other -%}
-- a release has one list of labels for all of its months
listed as (
  select distinct
    release_id,
    {{ label }}
  from cells
),

{% endif -%}
months as (
  select
    years.fiscal_year,
    {% for key in keys -%}
    years.{{ key }},
    {% endfor -%}
    covered.month,
    covered.release_id,
    covered.is_provisional,
    coalesce(cells.encounters, 0) as encounters,
    case when year_before.month is not null {{ 'and listed_before.release_id is not null ' if has_other }}then coalesce(earlier.encounters, 0) end as year_before
  from years
  inner join covered
    on covered.fiscal_year = years.fiscal_year
    and covered.is_not_broken_down = years.is_not_broken_down
    {%- for place in places %}
    and covered.{{ place }} = years.{{ place }}
    {%- endfor %}
  {%- if has_other %}
  inner join listed
    on listed.release_id = covered.release_id
    and listed.{{ label }} = years.{{ label }}
  {%- endif %}
  left join cells
    on cells.month = covered.month
    {%- for key in keys %}
    and cells.{{ key }} = years.{{ key }}
    {%- endfor %}
  left join covered as year_before
    on year_before.month = covered.month - interval 1 year
    and year_before.is_not_broken_down = years.is_not_broken_down
    {%- for place in places %}
    and year_before.{{ place }} = years.{{ place }}
    {%- endfor %}
  {%- if has_other %}
  left join listed as listed_before
    on listed_before.release_id = year_before.release_id
    and listed_before.{{ label }} = years.{{ label }}
  {%- endif %}
  left join cells as earlier
    on earlier.month = covered.month - interval 1 year
    {%- for key in keys %}
    and earlier.{{ key }} = years.{{ key }}
    {%- endfor %}
)

select
  fiscal_year,
  {% for key in keys -%}
  {{ key }},
  {% endfor -%}
  sum(encounters)::bigint as encounters,
  count(month)::bigint as months_covered,
  count(month) < 12 as is_partial,
  max(month) as last_month,
  case when count(year_before) = count(month) then sum(year_before)::bigint end as same_months_year_before,
  round(100.0 * (sum(encounters) - same_months_year_before) / nullif(same_months_year_before, 0), 1)::double as change_percent,
  min(month) as first_month,
  count(case when is_provisional then month end)::bigint as months_provisional,
  list_sort(list(distinct release_id)) as release_ids
from months
group by fiscal_year, {{ keys | join(', ') }}
order by fiscal_year, {{ keys | join(', ') }}
{%- endmacro %}
