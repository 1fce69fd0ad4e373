{# A table by its name in the published file, without the database's: for table macros. #}
{% macro in_this_file(name) -%} {{ ref(name).include(database=false) }} {%- endmacro %}

{#
  Whether a row of `…_by_release` or `…_history` was current on the macro's day, or another. A row
  that is still current has no `current_until`; DuckDB tests `is not true` faster than `is null or`.
#}
{% macro was_current(row, day='day::date') -%}
  {{ row }}.current_from <= {{ day }} and ({{ row }}.current_until <= {{ day }}) is not true
{%- endmacro %}

{# The rows of `…_by_release` that are current, or, in a table macro, were on its day. #}
{% macro current_rows(by_release, columns, as_of=false) -%}
select
  {{ columns | join(',\n  ') }}
from {{ in_this_file(by_release) }} as cell
where {{ was_current('cell') if as_of else 'cell.is_current' }}
{%- endmacro %}

{#
  The newest name of each category of demographics. Where two names are in equally new releases,
  the later name is used, which is also the category's.
#}
{% macro newest_names(as_of=false) -%}
  select
    category,
    arg_max(demographic, (published_on, demographic = category, release_id, demographic)) as name
  from {{ in_this_file('demographic_names_by_release') }}
  {% if as_of -%} where published_on <= day::date {%- endif %}
  group by category
{%- endmacro %}

{# For each name that a release has used, the category's name as of the macro's day. #}
{% macro names_as_of() -%}
  select distinct used.demographic, newest.name
  from {{ in_this_file('demographic_names_by_release') }} as used
  inner join ({{ newest_names(as_of=true) }}) as newest on newest.category = used.category
{%- endmacro %}
