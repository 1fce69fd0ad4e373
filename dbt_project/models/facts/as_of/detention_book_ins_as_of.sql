{{ config(materialized='table_macro', parameters=['day']) }}
{{ detention_figures('fct_detention_book_ins', as_of=true) }}
