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

{# What the rows of a table of CBP's custody pages are. #}
{% macro custody_breakdown(table_name) -%}
  case
    when {{ table_name }} like '%_dispositions' then 'processing disposition'
    when {{ table_name }} like '%_destinations' then 'transfer destination'
    when {{ table_name }} like '%_in_custody' then 'daily custody'
    else 'field office'
  end
{%- endmacro %}
