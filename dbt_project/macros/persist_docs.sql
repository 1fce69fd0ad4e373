{#
  The comments of a table and of its columns, in one call. dbt's own macro asks DuckDB twice which
  columns the table has; here they are those of its contract.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
  {%- set comments = [] %}
  {%- if for_relation and config.persist_relation_docs() and model.description %}
    {%- do comments.append(alter_relation_comment(relation, model.description)) %}
  {%- endif %}
  {%- if for_columns and config.persist_column_docs() %}
    {%- for column in model.columns.values() %}
      {%- do comments.append(column_comment(relation, column)) %}
    {%- endfor %}
  {%- endif %}
  {%- if comments %}
    {%- call statement('comments') %}
      {{ comments | join('\n') }}
    {%- endcall %}
  {%- endif %}
{% endmacro %}

{% macro column_comment(relation, column) %}
  comment on column {{ relation }}.{{ adapter.quote(column.name) }} is
  {{ duckdb_escape_comment(column.description) }};
{% endmacro %}
