{{ config(materialized='table_macro', parameters=['day']) }}
{{ detention_figures('fct_detention_removals', as_of=true) }}
