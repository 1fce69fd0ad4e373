{{ config(materialized='table_macro', parameters=['day']) }}
{{ southwest_border_monthly(as_of=true) }}
