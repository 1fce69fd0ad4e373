{{ config(materialized='view') }}
{{ detention_figures('fct_detention_length_of_stay') }}
