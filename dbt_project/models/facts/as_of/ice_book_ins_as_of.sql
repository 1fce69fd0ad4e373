{{ config(materialized='table_macro', parameters=['day']) }}
{{ ohss_figures('ICE book-ins', 'fct_ice_book_ins_by_release', as_of=true) }}
