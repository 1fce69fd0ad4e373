{{ config(materialized='view') }}
{{ ohss_figures('ICE book-ins', 'fct_ice_book_ins_by_release') }}
