-- Of those whom the Border Patrol encountered at the southwest border, how many it released: CBP
-- counts the encounters, OHSS the releases. Later revisions of one may leave the other behind.
{% set groups = {
  'adults': ['Single Adults', 'Single Adults'],
  'families': ['FMUA', 'Family Unit Individuals'],
  'children': ['UAC', 'Unaccompanied Children/Single Minors'],
} -%}
with encountered as (
  select
    encounters.month,
    {% for group, (category, _) in groups.items() -%}
    coalesce(sum(encounters.encounters) filter (where entry.category = '{{ category }}'), 0) as {{ group }},
    {% endfor -%}
    sum(encounters.encounters) as everyone
  from {{ ref('fct_southwest_encounters') }} as encounters
  -- by category, whose name stays when CBP renames a label
  left join {{ source('raw', 'vocabulary') }} as entry
    on entry.dimension = 'demographic'
    and entry.spelling = {{ folded('encounters.demographic') }}
  where encounters.component = 'U.S. Border Patrol'
  group by encounters.month
  -- the migration pages have months without family statuses
  having bool_and(entry.category is not null)
),

released as (
  select
    month,
    {% for group, (_, family_status) in groups.items() -%}
    coalesce(sum(people) filter (where family_status = '{{ family_status }}'), 0) as {{ group }},
    {% endfor -%}
    sum(people) as everyone
  from {{ ref('fct_custody_outcomes_by_family_status') }}
  where outcome = 'release'
  group by month
)

select
  encountered.month,
  {% for group in (groups | list) + ['everyone'] -%}
  case when encountered.{{ group }} > 0 then least(released.{{ group }} / encountered.{{ group }}, 1)::double end as of_{{ group }}{{ ',' if not loop.last }}
  {% endfor %}
from encountered
inner join released on released.month = encountered.month
