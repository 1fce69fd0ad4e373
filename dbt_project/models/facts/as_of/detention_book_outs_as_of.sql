{{ config(materialized='table_macro', parameters=['day']) }}
{{ detention_figures('fct_detention_book_outs', as_of=true) }}
