{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('ICE book-outs', 'fct_ice_book_outs_by_release', as_of=true) }}
