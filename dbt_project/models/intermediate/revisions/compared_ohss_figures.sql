-- Citizenships are compared only where both tables name them: those that a table lacks are in its
-- OTHER, which is never compared.
with {{ months_of_consecutive_releases(ref('int_ohss_by_release'), 'table_name') }},

contents as (
  select
    table_name,
    release_id,
    month,
    count(*) as figures,
    sum(hash(measure, region, agency, encounter_kind, action, breakdown, label, outcome, people)) as digest
  from {{ ref('int_ohss_by_release') }}
  group by table_name, release_id, month
),

-- nine in ten months of two releases are the same, figure by figure
differing as (
  select months.*
  from months
  inner join contents as earlier
    on earlier.table_name = months.table_name
    and earlier.release_id = months.earlier_release_id
    and earlier.month = months.month
  inner join contents as later
    on later.table_name = months.table_name
    and later.release_id = months.later_release_id
    and later.month = months.month
  where (earlier.figures, earlier.digest) is distinct from (later.figures, later.digest)
),

named as (
  select distinct table_name, release_id, label
  from {{ ref('int_ohss_by_release') }}
)
{%- set cell = [
  'subject', 'table_name', 'earlier_release_id', 'later_release_id', 'month', 'measure', 'region', 'agency',
  'encounter_kind', 'action', 'breakdown', 'label', 'outcome'
] %}
{%- for side, other in [('earlier', 'later'), ('later', 'earlier')] %},

figures_{{ side }} as (
  select
    figures.subject,
    differing.table_name,
    differing.earlier_release_id,
    differing.later_release_id,
    differing.month,
    figures.measure,
    figures.region,
    figures.agency,
    figures.encounter_kind,
    figures.action,
    figures.breakdown,
    figures.label,
    figures.outcome,
    figures.people
  from differing
  inner join {{ ref('int_ohss_by_release') }} as figures
    on figures.table_name = differing.table_name
    and figures.month = differing.month
    and figures.release_id = differing.{{ side }}_release_id
  left join named
    on named.table_name = differing.table_name
    and named.release_id = differing.{{ other }}_release_id
    and named.label = figures.label
  where figures.breakdown not in ('citizenship', 'selected citizenship')
    or (figures.label <> 'OTHER' and named.label is not null)
)
{%- endfor %}

select
  {% for column in cell -%}
  coalesce(before.{{ column }}, after.{{ column }}) as {{ column }},
  {% endfor -%}
  before.people as people_before,
  after.people as people_after
from figures_earlier as before
full join figures_later as after
  on {% for column in cell -%}
  {{ 'and ' if not loop.first }}after.{{ column }} is not distinct from before.{{ column }}
  {% endfor %}
