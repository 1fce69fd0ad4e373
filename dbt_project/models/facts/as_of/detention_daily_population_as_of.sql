{{ config(materialized='table_macro', parameters=['day']) }}
{{ detention_figures('fct_detention_daily_population', as_of=true) }}
