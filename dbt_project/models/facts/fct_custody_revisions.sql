with pairs as (
  select distinct
    earlier.table_name,
    earlier.month,
    earlier.release_id as earlier_release_id,
    later.release_id as later_release_id
  from {{ ref('int_custody') }} as earlier
  inner join {{ ref('int_custody') }} as later
    on later.table_name = earlier.table_name
    and later.month = earlier.month
    and later.current_from = earlier.current_until
),

sides as (
  {% for side in ['earlier', 'later'] -%}
  select
    pairs.earlier_release_id,
    pairs.later_release_id,
    pairs.table_name,
    pairs.month,
    figures.component,
    coalesce(figures.area_of_responsibility, figures.label) as category,
    {{ 'figures.people' if side == 'earlier' else 'null' }} as people_before,
    {{ 'figures.people' if side == 'later' else 'null' }} as people_after
  from pairs
  inner join {{ ref('int_custody') }} as figures
    on figures.release_id = pairs.{{ side }}_release_id
    and figures.table_name = pairs.table_name
    and figures.month = pairs.month
  {{ 'union all' if not loop.last }}
  {% endfor %}
),

compared as (
  select
    earlier_release_id,
    later_release_id,
    table_name,
    month,
    component,
    category,
    max(people_before) as people_before,
    max(people_after) as people_after
  from sides
  group by all
)

select
  month,
  main.fiscal_year(month) as fiscal_year,
  component,
  {{ custody_breakdown('table_name') }} as breakdown,
  category,
  {{ revision_kind('people_before', 'people_after', ['table_name', 'earlier_release_id', 'later_release_id', 'month']) }} as kind,
  people_before,
  people_after,
  {{ difference('people_before', 'people_after') }} as difference,
  earlier_release_id,
  later_release_id
from compared
where people_before is distinct from people_after
