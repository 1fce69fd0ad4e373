select
  month,
  {% for name, area in {'sector': 'San Diego Sector', 'field_office': 'San Diego Field Office'}.items() -%}
  {% set here = "area_of_responsibility = '" ~ area ~ "'" -%}
  sum(encounters) filter (where {{ here }})::bigint as {{ name }}_encounters,
  sum(encounters) filter (where {{ here }} and demographic = 'Single Adults')::bigint as {{ name }}_adults,
  sum(encounters) filter (where {{ here }} and demographic = 'FMUA')::bigint as {{ name }}_families,
  sum(encounters) filter (
    where {{ here }} and demographic in ('UC / Single Minors', 'Accompanied Minors')
  )::bigint as {{ name }}_children,
  {% endfor -%}
  any_value(release_id) as release_id
from {{ ref('fct_encounters') }}
where area_of_responsibility in ('San Diego Sector', 'San Diego Field Office')
  and land_border_region = 'Southwest Land Border'
group by month
