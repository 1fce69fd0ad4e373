{#
  Tables and views are made where they belong. dbt's own materializations make each under another
  name, rename it and drop the one before, for readers of a database in use; a build has no
  readers before it is published, and one that fails is thrown away.
#}
{% materialization table, adapter='duckdb' %}
  {% do drop_relation_if_exists(load_cached_relation(this)) %}
  {% set target = this.incorporate(type='table') %}
  {% call statement('main') %}
    {{ create_table_as(false, target, compiled_code) }}
  {% endcall %}
  {% do persist_docs(target, model) %}
  {% do adapter.commit() %}
  {% do return({'relations': [target]}) %}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
  {% do drop_relation_if_exists(load_cached_relation(this)) %}
  {% set target = this.incorporate(type='view') %}
  {% call statement('main') %}
    {{ create_view_as(target, compiled_code) }}
  {% endcall %}
  {% do persist_docs(target, model) %}
  {% do adapter.commit() %}
  {% do return({'relations': [target]}) %}
{% endmaterialization %}
