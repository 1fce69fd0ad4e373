-- The figures of a period in two consecutive releases which cover it to the same day: a year or a
-- month that reaches further has grown, and was not revised.
with pairs as (
  select distinct
    earlier.subject,
    earlier.breakdown,
    earlier.period,
    earlier.period_start,
    earlier.release_id as earlier_release_id,
    later.release_id as later_release_id
  from {{ ref('int_detention') }} as earlier
  inner join {{ ref('int_detention') }} as later
    on later.subject = earlier.subject
    and later.breakdown = earlier.breakdown
    and later.period = earlier.period
    and later.period_start = earlier.period_start
    and later.period_end = earlier.period_end
    and later.current_from = earlier.current_until
),

sides as (
  {% for side in ['earlier', 'later'] -%}
  select
    pairs.earlier_release_id,
    pairs.later_release_id,
    pairs.subject,
    pairs.breakdown,
    figures.fiscal_year,
    pairs.period,
    pairs.period_start,
    figures.period_end,
    figures.arresting_agency,
    figures.criminality,
    figures.facility_type,
    figures.disposition,
    figures.reason,
    figures.area,
    figures.technology,
    {{ 'coalesce(figures.people, figures.mean)' if side == 'earlier' else 'null' }} as value_before,
    {{ 'coalesce(figures.people, figures.mean)' if side == 'later' else 'null' }} as value_after
  from pairs
  inner join {{ ref('int_detention') }} as figures
    on figures.release_id = pairs.{{ side }}_release_id
    and figures.subject = pairs.subject
    and figures.breakdown = pairs.breakdown
    and figures.period = pairs.period
    and figures.period_start = pairs.period_start
  -- the average length in the programme stands beside the participants
  where pairs.subject <> 'alternatives to detention' or figures.people is not null
  {{ 'union all' if not loop.last }}
  {% endfor %}
)

select
  earlier_release_id,
  later_release_id,
  subject,
  breakdown,
  fiscal_year,
  period,
  period_start,
  period_end,
  arresting_agency,
  criminality,
  facility_type,
  disposition,
  reason,
  area,
  technology,
  max(value_before)::double as value_before,
  max(value_after)::double as value_after
from sides
group by all
