{{ config(materialized='view') }}
{{ ohss_figures('repatriations', 'fct_repatriations_by_kind_by_release') }}
