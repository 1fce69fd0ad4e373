{{ config(materialized='table_macro', parameters=['day']) }}
{{ figures_in_force('day') }}
