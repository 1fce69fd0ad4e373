{# The columns that say how well a figure is known: so many people, within a margin to each side.
   NULL where people is, which `greatest` alone would make 0. #}
{% macro known_within(people, margin) -%}
  case when {{ people }} is not null then greatest({{ people }} - {{ margin }}, 0) end as lower_bound,
  {{ people }} + {{ margin }} as upper_bound,
  case when {{ margin }} > 0 then 'rounded' else 'exact' end as kind
{%- endmacro %}
