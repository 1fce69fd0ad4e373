with figures as (
  select
    'agency' as cut,
    release_id,
    month,
    agency,
    {{ not_broken_down() }} as family_status,
    outcome,
    people,
    current_from
  from {{ ref('fct_custody_outcomes_by_release') }}

  union all

  select
    'family status' as cut,
    release_id,
    month,
    {{ not_broken_down() }} as agency,
    family_status,
    outcome,
    people,
    current_from
  from {{ ref('fct_custody_outcomes_by_family_status_by_release') }}
),

{{ months_of_consecutive_releases('figures', 'cut') }},

sides as (
  {% for side in ['earlier', 'later'] -%}
  select
    months.cut,
    months.earlier_release_id,
    months.later_release_id,
    months.month,
    figures.agency,
    figures.family_status,
    figures.outcome,
    {{ 'figures.people' if side == 'earlier' else 'null' }} as people_before,
    {{ 'figures.people' if side == 'later' else 'null' }} as people_after
  from months
  inner join figures
    on figures.cut = months.cut
    and figures.month = months.month
    and figures.release_id = months.{{ side }}_release_id
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  cut,
  earlier_release_id,
  later_release_id,
  month,
  agency,
  family_status,
  outcome,
  max(people_before) as people_before,
  max(people_after) as people_after
from sides
group by all
