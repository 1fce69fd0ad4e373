{{ config(materialized='view') }}
{{ ohss_figures('parole processes', 'fct_parole_processes_by_release') }}
