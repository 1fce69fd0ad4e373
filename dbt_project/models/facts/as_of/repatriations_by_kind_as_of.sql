{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('repatriations', 'fct_repatriations_by_kind_by_release', as_of=true) }}
