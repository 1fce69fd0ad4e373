{{ config(materialized='view') }}
{{ ohss_figures('ICE book-outs', 'fct_ice_book_outs_by_release') }}
