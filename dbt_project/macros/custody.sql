{#
  Whether a row of CBP's custody pages counts people: it is no total, has a figure, and is not one
  of the two rows that are always 0 although people with a notice to appear are released and
  detained.
#}
{% macro is_part(table='') -%}
  {{ table }}label not like 'Total%'
  and {{ table }}label not in ('Notice To Appear (NTA)-Person Released', 'Notice To Appear (NTA)-Person Detained')
  and {{ table }}people is not null
{%- endmacro %}
