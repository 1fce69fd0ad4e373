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
  Joins, for a macro's `cell`, the name that its demographic had on the day, where it is another one
  than published: most days have none, and joining none costs next to nothing.
#}
{% macro join_new_name() -%}
  left join {{ in_this_file('demographic_names_history') }} as renamed
    on renamed.demographic = cell.demographic_as_published
    and renamed.name <> renamed.demographic
    and {{ was_current('renamed') }}
{%- endmacro %}

{#
  The order of the names of a category, the newest last. Where two names are in equally new
  releases, the later name is used, which is also the category's.
#}
{% macro newest_name() -%}
  arg_max(demographic, (published_on, demographic = category, release_id, demographic))
{%- endmacro %}
