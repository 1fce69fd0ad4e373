{{ config(materialized='view') }}
{{ ohss_figures('credible fear', 'fct_credible_fear_by_release') }}
