-- The encounters that are published as rounded figures: in CBP's and OHSS's pages and tables.
select
  months.release_id,
  rounded.measure,
  'All' as breakdown,
  'All' as label,
  months.month as period_start,
  last_day(months.month) as period_end,
  {{ known_within('rounded.people', '5 * rounded.parts') }},
  1 as preference
from {{ ref('int_southwest_rounded') }} as months
cross join lateral (
  values
  ('southwest encounters between ports', months.between_ports, 1),
  ('southwest encounters at ports', months.at_ports, 1),
  ('southwest encounters', months.between_ports + months.at_ports, 2)
) as rounded (measure, people, parts)
where rounded.people is not null

{% for breakdown, label in [('sector', 'sector'), ('region', 'land_border_region')] %}
union all

select
  release_id,
  'Border Patrol encounters',
  '{{ breakdown }}',
  {{ label }},
  month,
  last_day(month),
  {{ known_within('encounters', 'rounded_to // 2') }},
  1
from {{ ref('fct_border_patrol_by_' ~ breakdown ~ '_by_release') }}
{% endfor %}
