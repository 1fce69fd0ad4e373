{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('administrative arrests', 'fct_administrative_arrests_by_release', as_of=true) }}
