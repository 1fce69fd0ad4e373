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
)

select
  figures.fiscal_year,
  meanings.measure,
  meanings.agency,
  sum(figures.people)::bigint as people,
  min(figures.period_start) as period_start,
  max(figures.period_end) as period_end,
  max(figures.rounded_to) as rounded_to,
  -- Title 42 began and ended within a fiscal year, which no month is missing from
  case
    when meanings.measure = 'title 42 expulsions' then years.last_day < {{ fiscal_year_end('figures.fiscal_year') }}
    else bool_or(figures.is_partial)
      or min(figures.period_start) > {{ fiscal_year_start('figures.fiscal_year') }}
      or max(figures.period_end) < {{ fiscal_year_end('figures.fiscal_year') }}
      -- a month of one of the actions is missing
      or (
        meanings.agency = 'DHS'
        and count(*) filter (where figures.action <> 'title 42 expulsion')
        < 12 * count(distinct figures.action) filter (where figures.action <> 'title 42 expulsion')
      )
  end as is_partial,
  list_sort(list(distinct figures.release_id)) as release_ids,
  coalesce(list_sort(list(distinct figures.correction) filter (where figures.correction is not null)), []) as corrections
from {{ ref('fct_deportations') }} as figures
inner join meanings on meanings.agency = figures.agency and meanings.action = figures.action
inner join (
  select agency, fiscal_year, max(period_end) as last_day
  from {{ ref('fct_deportations') }}
  group by agency, fiscal_year
) as years on years.agency = figures.agency and years.fiscal_year = figures.fiscal_year
group by figures.fiscal_year, meanings.measure, meanings.agency, meanings.position, years.last_day
order by figures.fiscal_year, meanings.position
