{# Schemas are named as written: main for analysts, staging for what they need not see. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ custom_schema_name or target.schema }}
{%- endmacro %}
