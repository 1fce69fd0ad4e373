{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('encounters', 'fct_ohss_encounters_by_release', as_of=true) }}
