{# The columns that say how well a figure is known: so many people, within a margin to each side. #}
{% macro known_within(people, margin) -%}
  greatest({{ people }} - {{ margin }}, 0) as lower_bound,
  {{ people }} + {{ margin }} as upper_bound,
  case when {{ margin }} > 0 then 'rounded' else 'exact' end as kind
{%- endmacro %}
