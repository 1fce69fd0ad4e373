{{ config(materialized='table_macro', parameters=['from_day', 'to_day']) }}
with earlier as (
  {{ figures_in_force('from_day') }}
),

later as (
  {{ figures_in_force('to_day') }}
)

select
  case when earlier.measure is null then 'added' else 'revised' end as change,
  later.measure,
  later.breakdown,
  later.label,
  later.period_start,
  later.period_end,
  earlier.lower_bound as lower_before,
  earlier.upper_bound as upper_before,
  later.lower_bound as lower_after,
  later.upper_bound as upper_after,
  earlier.release_id as earlier_release_id,
  later.release_id as later_release_id
from later
left join earlier
  on earlier.measure = later.measure
  and earlier.breakdown = later.breakdown
  and earlier.label = later.label
  and earlier.period_start = later.period_start
  and earlier.period_end = later.period_end
where
  -- who is in OTHER changes from release to release
  not (later.breakdown = 'citizenship' and later.label = 'OTHER')
  and case
    when earlier.measure is null then true
    when earlier.kind = later.kind
      then (earlier.lower_bound, earlier.upper_bound) is distinct from (later.lower_bound, later.upper_bound)
    -- a rounded figure that gives way to an exact one within its bounds is no revision
    else earlier.lower_bound > later.upper_bound or later.lower_bound > earlier.upper_bound
  end
