{{ config(materialized='view') }}
{{ detention_figures('fct_detention_book_outs') }}
