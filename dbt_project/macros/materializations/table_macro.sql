{#
  A table macro of the published file: a model whose SQL may use the `parameters` of its config.
  It refers to tables without the database's name, so that the file can be copied.
#}
{% materialization table_macro, adapter='duckdb' %}
  {% set target = this.include(database=false) %}
  {% call statement('main') %}
    create or replace macro {{ target }}({{ config.require('parameters') | join(', ') }}) as table {{ sql }}
  {% endcall %}
  {% call statement('comment') %}
    comment on macro table {{ target }} is '{{ model.description | replace("'", "''") }}'
  {% endcall %}
  {% do adapter.commit() %}
  {% do return({'relations': []}) %}
{% endmaterialization %}
