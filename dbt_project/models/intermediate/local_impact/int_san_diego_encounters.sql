select
  encounters.month,
  {% for name, area in {'sector': 'San Diego Sector', 'field_office': 'San Diego Field Office'}.items() -%}
  {% set here = "encounters.area_of_responsibility = '" ~ area ~ "'" -%}
  sum(encounters.encounters) filter (where {{ here }})::bigint as {{ name }}_encounters,
  -- by category, whose name stays when CBP renames a label; a family status without a row has nobody
  {% for group, categories in {
    'adults': "('Single Adults')", 'families': "('FMUA')", 'children': "('UAC', 'Accompanied Minors')"
  }.items() -%}
  case
    when bool_and(entry.category is not null) filter (where {{ here }})
      then sum(case when entry.category in {{ categories }} then encounters.encounters else 0 end) filter (where {{ here }})
  end::bigint as {{ name }}_{{ group }},
  {% endfor -%}
  {% endfor -%}
  any_value(encounters.release_id) as release_id
from {{ ref('fct_encounters') }} as encounters
left join {{ source('raw', 'vocabulary') }} as entry
  on entry.dimension = 'demographic'
  and entry.spelling = {{ folded('encounters.demographic') }}
where encounters.area_of_responsibility in ('San Diego Sector', 'San Diego Field Office')
  and encounters.land_border_region = 'Southwest Land Border'
group by encounters.month
