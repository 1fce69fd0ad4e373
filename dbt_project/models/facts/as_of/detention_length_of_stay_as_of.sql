{{ config(materialized='table_macro', parameters=['day']) }}
{{ detention_figures('fct_detention_length_of_stay', as_of=true) }}
