"""Custody at the border, and releases from it."""

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

RELEASES = Exhibit(
    name="releases-and-paroles",
    title="Released by the Border Patrol, paroled at ports",
    sql="""\
select month, if(agency = 'USBP', 'released by the Border Patrol', 'paroled at ports') as series,
  people, is_provisional, release_id
from fct_custody_outcomes
where (agency, outcome) in (('USBP', 'release'), ('OFO', 'parole'))
order by month, series""",
    kind="lines",
    reading=Reading("month", "people", "people", series="series", open="is_provisional"),
    caption="Southwest border, by the month of the encounter, rounded to 10.",
)
OUTCOMES = Exhibit(
    name="custody-outcomes",
    title="How people left the Border Patrol's custody, by fiscal year",
    sql="""\
select fiscal_year, outcome, sum(people) as people,
  max(count(distinct month)) over (partition by fiscal_year) < 12 as is_partial,
  list_distinct(list(release_id)) as release_ids
from fct_custody_outcomes
where agency = 'USBP'
group by fiscal_year, outcome
order by fiscal_year, outcome""",
    kind="bars",
    reading=Reading(
        "fiscal_year",
        "people",
        "people",
        series="outcome",
        open="is_partial",
        release="release_ids",
    ),
    caption="Southwest border, rounded to 10. Hatched: part of a year only.",
)
DESTINATIONS = Exhibit(
    name="transfer-destinations",
    title="Whom the Border Patrol transferred or released, in the newest pages",
    sql="""\
select month, category, people, is_provisional, release_id
from fct_custody_dispositions
where component = 'U.S. Border Patrol' and breakdown = 'transfer destination'
order by month, category""",
    kind="lines",
    reading=Reading("month", "people", "people", panel="category", open="is_provisional"),
    caption="CBP's custody pages. Each chart has a scale of its own.",
)
DAILY = Exhibit(
    name="daily-custody",
    title="In custody on an average day",
    sql="""\
select month, area_of_responsibility as area, people, capacity, is_provisional, release_id
from fct_daily_custody
order by area, month""",
    kind="lines",
    reading=Reading("month", "people", "people", panel="area", open="is_provisional"),
    caption="Averages: add up areas, never months.",
)
PAGE = Subject(
    file="custody.html",
    short="Releases and custody",
    title="Releases and custody at the border",
    about="how people left CBP's custody, and how many were in it",
    lead="The official series beside which statements on releases are to be read.",
    exhibits=(RELEASES, OUTCOMES, DESTINATIONS, DAILY),
)
