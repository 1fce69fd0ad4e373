{{ config(materialized='view') }}
{{ detention_figures('fct_detention_daily_population') }}
