-- Citizenships are compared only where both tables name them: those that a table lacks are in its
-- OTHER, which is never compared.
with {{ months_of_consecutive_releases(ref('int_ohss_by_release'), 'table_name') }},

named as (
  select distinct table_name, release_id, label
  from {{ ref('int_ohss_by_release') }}
),

sides as (
  {% for side, other in [('earlier', 'later'), ('later', 'earlier')] -%}
  select
    figures.subject,
    months.table_name,
    months.earlier_release_id,
    months.later_release_id,
    months.month,
    figures.measure,
    figures.region,
    figures.agency,
    figures.encounter_kind,
    figures.action,
    figures.breakdown,
    figures.label,
    figures.outcome,
    {{ 'figures.people' if side == 'earlier' else 'null' }} as people_before,
    {{ 'figures.people' if side == 'later' else 'null' }} as people_after
  from months
  inner join {{ ref('int_ohss_by_release') }} as figures
    on figures.table_name = months.table_name
    and figures.month = months.month
    and figures.release_id = months.{{ side }}_release_id
  left join named
    on named.table_name = months.table_name
    and named.release_id = months.{{ other }}_release_id
    and named.label = figures.label
  where figures.breakdown not in ('citizenship', 'selected citizenship')
    or (figures.label <> 'OTHER' and named.label is not null)
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  subject,
  table_name,
  earlier_release_id,
  later_release_id,
  month,
  measure,
  region,
  agency,
  encounter_kind,
  action,
  breakdown,
  label,
  outcome,
  max(people_before) as people_before,
  max(people_after) as people_after
from sides
group by all
