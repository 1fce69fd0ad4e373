{{ config(materialized='table_macro', parameters=['day']) }}
{{ southwest_border_monthly(
  on_the_day('fct_southwest_encounters_by_release'),
  on_the_day('fct_encounters_by_release'),
  on_the_day('fct_encounters_by_state_by_release'),
  on_the_day('fct_at_large_by_release')
) }}
