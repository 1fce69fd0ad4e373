{{ config(materialized='view') }}
{{ ohss_figures('encounters', 'fct_ohss_encounters_by_release') }}
