-- "Deported" may mean any of these sums. DHS's add up months that OHSS rounds to 10 each, and so
-- may differ by some tens from the yearly total that OHSS publishes.
with meanings as (
  select measure, agency, action, position
  from (
    values
      ('ICE removals', 'ICE', ['removal'], 1),
      ('removals', 'DHS', ['removal'], 2),
      ('enforcement returns', 'DHS', ['enforcement return'], 3),
      ('administrative returns', 'DHS', ['administrative return'], 4),
      ('title 42 expulsions', 'DHS', ['title 42 expulsion'], 5),
      ('removals and enforcement returns', 'DHS', ['removal', 'enforcement return'], 6),
      ('all title 8 repatriations', 'DHS', ['removal', 'enforcement return', 'administrative return'], 7),
      (
        'all title 8 repatriations and title 42 expulsions',
        'DHS',
        ['removal', 'enforcement return', 'administrative return', 'title 42 expulsion'],
        8
      )
  ) as listed (measure, agency, actions, position)
  cross join unnest(listed.actions) as listed_actions (action)
),

figures as (
  select
    deportations.fiscal_year,
    meanings.measure,
    meanings.agency,
    meanings.position,
    deportations.action,
    deportations.people,
    deportations.period_start,
    deportations.period_end,
    deportations.rounded_to,
    deportations.is_partial,
    deportations.is_provisional,
    deportations.release_id,
    deportations.correction
  from {{ ref('fct_deportations') }} as deportations
  inner join meanings on meanings.agency = deportations.agency and meanings.action = deportations.action
),

-- Title 42 began and ended within a fiscal year, which no month is missing from
actions_of_months as (
  select
    fiscal_year,
    measure,
    period_start as month,
    count(distinct action) as actions
  from figures
  where agency = 'DHS' and action <> 'title 42 expulsion'
  group by fiscal_year, measure, period_start
),

actions_of_years as (
  select
    fiscal_year,
    measure,
    count(distinct action) as actions
  from figures
  where agency = 'DHS' and action <> 'title 42 expulsion'
  group by fiscal_year, measure
),

months_of_years as (
  select
    years.fiscal_year,
    years.measure,
    count(months.month) as months_covered
  from actions_of_years as years
  left join actions_of_months as months
    on months.fiscal_year = years.fiscal_year
    and months.measure = years.measure
    and months.actions = years.actions
  group by years.fiscal_year, years.measure

  union all

  select
    fiscal_year,
    'title 42 expulsions' as measure,
    count(distinct period_start) as months_covered
  from {{ ref('fct_deportations') }}
  where agency = 'DHS'
  group by fiscal_year
)

select
  figures.fiscal_year,
  figures.measure,
  figures.agency,
  sum(figures.people)::bigint as people,
  min(figures.period_start) as period_start,
  max(figures.period_end) as period_end,
  max(figures.rounded_to) as rounded_to,
  case figures.agency
    when 'DHS' then coalesce(months.months_covered, 0) < 12
    else bool_or(figures.is_partial)
      or min(figures.period_start) > {{ fiscal_year_start('figures.fiscal_year') }}
      or max(figures.period_end) < {{ fiscal_year_end('figures.fiscal_year') }}
  end as is_partial,
  -- ICE's figures are of a year to date, without months
  case figures.agency when 'DHS' then coalesce(months.months_covered, 0) end as months_covered,
  bool_or(figures.is_provisional) as is_provisional,
  list_sort(list(distinct figures.release_id)) as release_ids,
  coalesce(list_sort(list(distinct figures.correction) filter (where figures.correction is not null)), []) as corrections
from figures
left join months_of_years as months
  on months.fiscal_year = figures.fiscal_year
  and months.measure = figures.measure
group by figures.fiscal_year, figures.measure, figures.agency, figures.position, months.months_covered
order by figures.fiscal_year, figures.position
