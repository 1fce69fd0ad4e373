"""San Diego: statements over official series and bounds."""

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

STREET_RELEASES = Exhibit(
    name="san-diego-releases",
    title="Releases in San Diego since September 2023: statements, and what official counts allow",
    sql="""\
select last_day(month) as through, people, series, false as is_statement, null as stated,
  null as stated_on,
  if(series like 'everyone%', [inadmissibles_release_id, encounters_release_id], null)
    as release_ids
from san_diego_local_impact unpivot (people for series in (
  releases_at_most_cumulative as 'everyone encountered there',
  estimated_releases_high_cumulative as 'estimate of this project, high',
  estimated_releases_low_cumulative as 'estimate of this project, low'))
where month between '2023-09-01' and '2024-12-01'
union all
select period_end, people, 'statement', true, concat_ws(' ', speaker || ':', qualifier,
    format('{:,} to', people_at_least), format('{:,}', people)), stated_on, [release_id]
from fct_street_releases
where measure = 'street releases' and people is not null
  and period_start between '2023-09-01' and '2023-09-30'
order by through, series""",
    kind="lines",
    reading=Reading(
        "through",
        "people",
        "people",
        series="series",
        alone="is_statement",
        who="stated",
        release="release_ids",
        days=True,
    ),
    caption="No agency counts releases in San Diego. Lines add up months since September 2023: "
    "the encounters there, at ports and between them, and two estimates of this project, which "
    "apply the Border Patrol's release rates of the whole southwest border to the sector "
    "(`estimated_releases_derivation` says how). Nobody counts people brought from other sectors, "
    "who would come on top. Diamonds are statements of sums that begin in September 2023, at the "
    "last day that they cover.",
)
ENCOUNTERS = Exhibit(
    name="san-diego-encounters",
    title="Encounters in San Diego, by month",
    sql="""\
select month, sector_encounters as encounters, 'San Diego Sector, between ports' as series,
  encounters_release_id as release_id
from san_diego_local_impact where sector_encounters is not null
union all
select month, field_office_encounters, 'San Diego Field Office, at ports', encounters_release_id
from san_diego_local_impact where field_office_encounters is not null
union all
select month, sector_encounters_rounded, 'sector, OHSS, rounded to 10', rounded_release_id
from san_diego_local_impact where sector_encounters_rounded is not null
order by month, series""",
    kind="lines",
    reading=Reading("month", "encounters", "encounters", series="series"),
    caption="OHSS and CBP count the same people between ports: never add their series.",
    logarithmic=True,
)
JAILS = Exhibit(
    name="jail-transfers",
    title="Transferred from San Diego County's jails to ICE, by calendar year",
    sql="""\
select calendar_year, people, is_partial, stated_on, publisher, note, release_id
from fct_jail_transfers_to_ice
order by calendar_year""",
    kind="bars",
    reading=Reading("calendar_year", "people", "people", open="is_partial", years="Calendar year"),
    caption="As newspapers, a supervisor and the sheriff reported of the county's yearly forums; "
    "who did, when, and what to mind is in the table.",
)
PAGE = Subject(
    file="san-diego.html",
    short="San Diego",
    title="San Diego",
    about="what was stated of street releases, over official series and bounds",
    lead="A statement is not a count. Here the statements are drawn over what official counts say "
    "is possible.",
    exhibits=(STREET_RELEASES, ENCOUNTERS, JAILS),
)
