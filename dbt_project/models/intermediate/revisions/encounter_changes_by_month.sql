{{ config(materialized='table') }}
with compared as (
  select
    cut,
    earlier_release_id,
    later_release_id,
    month,
    encounters_before as before,
    encounters_after as after,
    (encounters_before is distinct from encounters_after) as is_changed
  from {{ ref('compared_cells') }}
)

{{ changes_by_month('compared') }}
