{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('parole processes', 'fct_parole_processes_by_release', as_of=true) }}
