"""Removals, returns and expulsions."""

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

BY_ACTION = Exhibit(
    name="deportations-by-fiscal-year",
    title="Removals, returns and expulsions by fiscal year",
    sql="""\
select fiscal_year, measure, people, period_end, is_partial, months_covered, release_ids
from deportations_by_fiscal_year
where measure in (
  'removals', 'enforcement returns', 'administrative returns', 'title 42 expulsions'
)
order by fiscal_year, measure""",
    kind="bars",
    reading=Reading(
        "fiscal_year",
        "people",
        "people",
        series="measure",
        release="release_ids",
        open="is_partial",
    ),
    caption="All of DHS, rounded to 10. A removal is by order, a return is not; an expulsion under "
    "Title 42 was neither. Hatched: part of a year only.",
)
BY_MONTH = Exhibit(
    name="deportations-by-month",
    title="The same by month",
    sql="""\
select period_start as month, action, people, is_provisional, release_id
from fct_deportations
where agency = 'DHS' and period_end = last_day(period_start)
order by month, action""",
    kind="lines",
    reading=Reading("month", "people", "people", series="action", open="is_provisional"),
    logarithmic=True,
)
ICE_REMOVALS = Exhibit(
    name="ice-removals",
    title="ICE's own removals by fiscal year",
    sql="""\
select fiscal_year, people, period_end, is_partial, release_ids
from deportations_by_fiscal_year
where measure = 'ICE removals'
order by fiscal_year""",
    kind="bars",
    reading=Reading("fiscal_year", "people", "people", release="release_ids", open="is_partial"),
    caption="By ICE alone, part of DHS's removals. Hatched: of the year to date, through the day "
    "in the table.",
)
BY_CRIMINALITY = Exhibit(
    name="ice-removals-by-criminality",
    title="ICE's removals and returns, by criminality",
    sql="""\
select period_start as month, criminality, people, is_provisional, release_id
from fct_deportations_by_criminality
where agency = 'ICE'
order by month, criminality""",
    kind="lines",
    reading=Reading("month", "people", "people", series="criminality", open="is_provisional"),
    caption="OHSS's monthly tables, rounded to 10.",
)
PAGE = Subject(
    file="deportations.html",
    short="Deportations",
    title="Deportations",
    about="removals, returns and expulsions by fiscal year and month",
    lead="“Deported” may mean any of several sums. They are shown apart: say which one you quote.",
    exhibits=(BY_ACTION, BY_MONTH, ICE_REMOVALS, BY_CRIMINALITY),
)
