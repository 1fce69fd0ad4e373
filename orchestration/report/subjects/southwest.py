"""The southwest border as a whole."""

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

BETWEEN_PORTS = Exhibit(
    name="southwest-since-1999",
    title="Between ports of entry at the southwest border, by month since October 1999",
    sql="""\
select month, encounters, 'OHSS, rounded to 10' as series, is_provisional, release_id
from fct_border_patrol_by_region
where land_border_region = 'Southwest Land Border'
union all
select month, between_ports, 'CBP', is_provisional, between_ports_release_id
from southwest_border_monthly
order by month, series""",
    kind="lines",
    reading=Reading("month", "encounters", "encounters", series="series", open="is_provisional"),
    caption="The Border Patrol's encounters: apprehensions, and from March 2020 to May 2023 also "
    "expulsions under Title 42. The two agencies count the same people: never add the series.",
    logarithmic=True,
)
BY_PORTS = Exhibit(
    name="between-and-at-ports",
    title="Between ports and at ports",
    sql="""\
select month, between_ports as encounters, 'between ports (Border Patrol)' as series,
  is_provisional, between_ports_release_id as release_id
from southwest_border_monthly
union all
select month, at_ports, 'at ports (Field Operations)', is_provisional, at_ports_release_id
from southwest_border_monthly
order by month, series desc""",
    kind="lines",
    reading=Reading("month", "encounters", "encounters", series="series", open="is_provisional"),
    caption="One person may be encountered more than once.",
    logarithmic=True,
)
BY_YEAR = Exhibit(
    name="southwest-by-fiscal-year",
    title="By fiscal year",
    sql="""\
select fiscal_year, series, encounters, months_covered, is_partial, release_ids
from southwest_border_by_fiscal_year
where series in ('between ports', 'at ports', 'total')
order by series, fiscal_year""",
    kind="bars",
    reading=Reading(
        "fiscal_year",
        "encounters",
        "encounters",
        panel="series",
        release="release_ids",
        open="is_partial",
    ),
    caption="A fiscal year begins in October of the year before. Hatched: part of a year only. "
    "Each chart has a scale of its own.",
)
AT_LARGE = Exhibit(
    name="at-large",
    title="Arrested at entry, and at large in the interior",
    sql="""\
select month, at_entry as encounters, 'at entry' as series, is_provisional, release_id
from fct_at_large_by_release where is_current
union all
select month, at_large, 'at large', is_provisional, release_id
from fct_at_large_by_release where is_current
order by month, series""",
    kind="lines",
    reading=Reading("month", "encounters", "encounters", series="series", open="is_provisional"),
    caption="Both are in CBP's total between ports.",
    logarithmic=True,
)
PAGE = Subject(
    file="southwest.html",
    short="Southwest border",
    title="Encounters at the southwest land border",
    about="the series since October 1999, at ports and between ports, by fiscal year",
    lead="CBP counts encounters, not people: whoever is encountered twice counts twice. Hollow "
    "points are months that a later release may revise.",
    exhibits=(BETWEEN_PORTS, BY_PORTS, BY_YEAR, AT_LARGE),
)
