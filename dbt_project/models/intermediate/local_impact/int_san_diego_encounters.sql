select
  month,
  {% for name, area in {'sector': 'San Diego Sector', 'field_office': 'San Diego Field Office'}.items() -%}
  {% set here = "area_of_responsibility = '" ~ area ~ "'" -%}
  sum(encounters) filter (where {{ here }})::bigint as {{ name }}_encounters,
  -- nobody of a family status has no row
  {% for group, demographics in {
    'adults': "('Single Adults')", 'families': "('FMUA')", 'children': "('UC / Single Minors', 'Accompanied Minors')"
  }.items() -%}
  sum(case when demographic in {{ demographics }} then encounters else 0 end) filter (where {{ here }})::bigint as {{ name }}_{{ group }},
  {% endfor -%}
  {% endfor -%}
  any_value(release_id) as release_id
from {{ ref('fct_encounters') }}
where area_of_responsibility in ('San Diego Sector', 'San Diego Field Office')
  and land_border_region = 'Southwest Land Border'
group by month
