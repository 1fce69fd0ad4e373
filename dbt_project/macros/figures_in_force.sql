{#
  The figures that counted on a day, one for each series and period: an exact one before others,
  then the newest, as `borderledger check` has it (orchestration/claims/series.py; a test compares
  the two). Statements are left out. A release has one list of labels for all of its months, so a
  label that it lacks in a month was not counted there, or rounded to 0.

  day: an expression.
#}
{% macro figures_in_force(day) -%}
  with published as (
    select
      measure,
      breakdown,
      label,
      period_start,
      period_end,
      lower_bound,
      upper_bound,
      kind,
      preference,
      published_on,
      release_id
    from {{ in_this_file('measures') }}
    where kind <> 'stated' and published_on <= ({{ day }})::date
  ),

  periods as (
    select
      measure,
      breakdown,
      period_start,
      period_end,
      max(upper_bound - lower_bound) // 2 as rounding,
      kind,
      preference,
      published_on,
      release_id
    from published
    where kind in ('exact', 'rounded')
    group by all
  ),

  labels as (
    select distinct measure, breakdown, release_id, label
    from published
  ),

  known as (
    from published

    union all by name

    select labels.label, periods.* exclude (rounding), 0::bigint as lower_bound, periods.rounding as upper_bound
    from periods
    inner join labels using (measure, breakdown, release_id)
    anti join published using (measure, breakdown, label, release_id, period_start, period_end)
  )

  select
    measure,
    breakdown,
    label,
    period_start,
    period_end,
    lower_bound,
    upper_bound,
    kind,
    published_on,
    release_id
  from known
  qualify row_number() over (
    partition by measure, breakdown, label, period_start, period_end
    order by (kind = 'exact' and preference < 10) desc, published_on desc, preference, release_id
  ) = 1
{%- endmacro %}
