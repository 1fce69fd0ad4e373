{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('credible fear', 'fct_credible_fear_by_release', as_of=true) }}
