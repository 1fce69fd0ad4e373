{{ config(materialized='view') }}
{{ ohss_figures('administrative arrests', 'fct_administrative_arrests_by_release') }}
