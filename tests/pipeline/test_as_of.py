"""Properties of the as-of macros and revisions, on random sets of small releases.

As of a day, the macros return what a build from only the releases published by then contains; no
month counts twice; the revisions turn the earlier release into the later one.

The tests run the models' SQL, as dbt compiles it, on a database in memory, because dbt is too slow
for hundreds of builds. `BORDERLEDGER_LONG_TESTS=1` tries many more sets.
"""

import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.catalogue.file_names import MONTHS
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Release
from orchestration.settings import Settings
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    FIELD_OPERATIONS,
    SOUTHWEST,
    candidate,
    made,
)
from tests.support.warehouse import AS_OF, Cell, Row, Warehouse

pytestmark = pytest.mark.long

LONG = os.environ.get("BORDERLEDGER_LONG_TESTS") == "1"

SUMS = "cbp_southwest_summary"
SUMS_BY_AREA = "cbp_southwest_summary_by_area"
YEARLY_PAGES = "cbp_southwest_migration_pages"
AT_LARGE = "cbp_at_large_split"
REPATRIATIONS = "ohss_repatriations_summary"
WEB_TABLE = "ohss_monthly_web_table"
REMOVALS = "ice_removals_summary"
MONTHLY_TABLES = "ohss_monthly_tables"
BUNDLED = (SUMS, SUMS_BY_AREA, YEARLY_PAGES, AT_LARGE)
ENCOUNTERS = (SOUTHWEST, BY_AREA, BY_STATE, *BUNDLED)
DEPORTATIONS = (REPATRIATIONS, WEB_TABLE, REMOVALS)
CUSTODY = (MONTHLY_TABLES, WEB_TABLE)
BOOK_OUTS = {  # each cut of the outcomes of custody: its dimension, table in the workbook and fact
    "agency": ("agency", "southwest_book_outs_by_agency", "fct_custody_outcomes"),
    "family status": (
        "family_status",
        "southwest_book_outs_by_family_status",
        "fct_custody_outcomes_by_family_status",
    ),
}
OUTCOMES = {  # of each label, as the workbook has them: heading and outcome
    "USBP": {"USBP Releases": "release", "T8 repatriations": "title 8 repatriation"},
    "OFO": {"OFO Paroles": "parole", "T8 repatriations": "title 8 repatriation"},
    "Single Adults": {"USBP Releases": "release", "OFO Paroles": "parole"},
}

# a fiscal year ends within these months; two publication days are adjacent, and one date is a
# month, which counts from its last day
COVERED = ("2023-08", "2023-09", "2023-10", "2023-11")
PUBLISHED = ("2024-01", "2024-01-31", "2024-02-01", "2024-02-02", "2024-03-15")
BEFORE_ALL = date(2023, 12, 1)

NOT_BROKEN_DOWN = "Not broken down"
OLD_NAME, NEW_NAME = "UC / Single Minors", "UAC"
PEOPLE = (  # the sums have no citizenship, so the first two become one cell
    {"demographic": "Single Adults", "citizenship": "Mexico"},
    {"demographic": "Single Adults", "citizenship": "El Salvador"},
    {"demographic": OLD_NAME, "citizenship": "El Salvador"},
)
SUMMED = ("Single Adults", OLD_NAME)


@dataclass(frozen=True)
class Cut:
    """A cut's current table, its as-of macro and its dimensions."""

    table: str
    macro: str
    dimensions: tuple[str, ...]

    @property
    def by_release(self) -> str:
        return f"{self.table}_by_release"


CUTS = {
    "southwest": Cut(
        "fct_southwest_encounters",
        "southwest_encounters_as_of",
        ("component", "demographic", "citizenship", "title_of_authority", "encounter_type"),
    ),
    "area": Cut(
        "fct_encounters",
        "encounters_as_of",
        (
            "component",
            "area_of_responsibility",
            "demographic",
            "citizenship",
            "title_of_authority",
            "encounter_type",
        ),
    ),
    "state": Cut(
        "fct_encounters_by_state",
        "encounters_by_state_as_of",
        ("state", "demographic", "citizenship", "title_of_authority"),
    ),
}
DIMENSIONS = tuple(dict.fromkeys(name for cut in CUTS.values() for name in cut.dimensions))
RawRow = tuple[str | None, dict[str, str]]  # the first day of the month, and the cells by column


@dataclass(frozen=True)
class File:
    """A file to archive as a release."""

    dataset: str
    published: str
    name: str
    text: str


@dataclass(frozen=True)
class DeportationRelease:
    """A release of deportations as typed rows: (period, action, people)."""

    dataset: str
    published_on: date
    repost: int
    rows: tuple[tuple[str, str, int], ...]


@pytest.fixture(scope="module")
def manifest(empty_build: Path) -> Path:
    return empty_build / "compiled.json"


@dataclass(frozen=True)
class CustodyRelease:
    """A release of book-outs as typed rows: (cut, month, label, heading, people)."""

    dataset: str
    published_on: date
    repost: int
    rows: tuple[tuple[str, str, str, str, int], ...]


@st.composite
def encounter_files(draw: st.DrawFn) -> list[File]:
    """One to five small releases of up to three datasets, so that most of them overlap."""
    full = (SOUTHWEST, BY_AREA, BY_STATE)  # CBP's own files twice as often
    datasets = draw(st.lists(st.sampled_from((*full, *full, *BUNDLED)), min_size=1, max_size=3))
    return [_file(draw, draw(st.sampled_from(datasets))) for _ in range(draw(st.integers(1, 5)))]


@st.composite
def deportation_releases(draw: st.DrawFn) -> DeportationRelease:
    """A small release of deportations: DHS's actions by month, or ICE's removals by year."""
    dataset = draw(st.sampled_from(DEPORTATIONS))
    if dataset == REMOVALS:
        through = st.sampled_from(("full year", "through 2023-11-30", "through 2023-12"))
        cells = [("2023", "full year"), ("2024", draw(through))]
    else:
        actions = ("Removals", "Enforcement Returns", "Title 42 Expulsions")
        cells = [(month, action) for month in COVERED[1:] for action in actions]
    people = st.sampled_from((None, 0, 10, 20))
    found = ((*cell, draw(people)) for cell in cells)
    return DeportationRelease(
        dataset,
        PublicationDate.parse(draw(st.sampled_from(PUBLISHED))).on,
        draw(st.sampled_from((-1, -1, 0))),
        tuple((period, action, count) for period, action, count in found if count is not None),
    )


@st.composite
def custody_releases(draw: st.DrawFn) -> CustodyRelease:
    """A small release of book-outs: the workbook has both cuts or one, the web table the
    agencies."""
    dataset = draw(st.sampled_from((MONTHLY_TABLES, MONTHLY_TABLES, WEB_TABLE)))
    with_family_status = dataset == MONTHLY_TABLES and draw(st.booleans())
    first = draw(st.integers(0, len(COVERED) - 1))
    months = COVERED[first : draw(st.integers(first + 1, len(COVERED)))]
    people = st.sampled_from((None, 0, 10, 20))
    found = (
        (cut, month, label, heading, draw(people))
        for cut, labels in (("agency", ("USBP", "OFO")), ("family status", ("Single Adults",)))
        if cut == "agency" or with_family_status
        for month in months
        for label in labels
        for heading in OUTCOMES[label]
    )
    return CustodyRelease(
        dataset,
        PublicationDate.parse(draw(st.sampled_from(PUBLISHED))).on,
        draw(st.sampled_from((-1, -1, 0))),
        tuple((*cell, count) for *cell, count in found if count is not None),  # type: ignore[misc]
    )


def sometimes(examples: int, many: int) -> settings:
    """The same few examples each time, or, in the long form, many random ones. Only the long form
    shrinks a failing example, which takes minutes."""
    return settings(
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if LONG else [])],
        max_examples=many if LONG else examples,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@sometimes(20, 1_000)
@given(files=encounter_files())
def test_encounters_of_random_releases_count_once_with_correct_as_of_and_revisions(
    manifest: Path, files: list[File]
) -> None:
    warehouse = _warehouse(manifest, ENCOUNTERS)
    with tempfile.TemporaryDirectory() as folder:
        archive = _archive(Path(folder), files)
        releases = archive.releases()
        warehouse.load(archive, releases, ENCOUNTERS)
    warehouse.build_filled(revisions=True)
    for name, cut in CUTS.items():
        _check_one_release_per_month(warehouse, cut, releases)
        _check_encounter_revisions(warehouse, name, cut, releases)
    _check_names(warehouse)
    macros = [*(cut.macro for cut in CUTS.values()), "southwest_border_monthly_as_of"]
    _check_as_of(warehouse, macros)


@sometimes(40, 2_000)
@given(releases=st.lists(deportation_releases(), min_size=1, max_size=5))
def test_deportations_of_random_releases_count_once_with_correct_as_of_and_revisions(
    manifest: Path, releases: list[DeportationRelease]
) -> None:
    warehouse = _warehouse(manifest, DEPORTATIONS)
    _fill_deportations(warehouse, releases)
    warehouse.build_filled(revisions=True)
    _check_one_release_per_action(warehouse)
    _check_deportation_revisions(warehouse)
    _check_as_of(warehouse, ["deportations_as_of"])


@sometimes(40, 2_000)
@given(releases=st.lists(custody_releases(), min_size=1, max_size=5))
def test_custody_outcomes_of_random_releases_count_once_with_correct_as_of_and_revisions(
    manifest: Path, releases: list[CustodyRelease]
) -> None:
    warehouse = _warehouse(manifest, CUSTODY)
    _fill_custody(warehouse, releases)
    warehouse.build_filled(revisions=True)
    for cut in BOOK_OUTS:
        _check_one_release_of_custody_per_month(warehouse, cut)
        _check_custody_revisions(warehouse, cut)
    _check_as_of(warehouse, ["custody_outcomes_as_of", "custody_outcomes_by_family_status_as_of"])


def _check_as_of(warehouse: Warehouse, macros: Iterable[str]) -> None:
    """For every publication date, the day before it, and a day before all of them, the macros
    return what the current tables of a build from only the releases published by then contain."""
    dates = {row["published_on"] for row in warehouse.rows("meta.releases")}
    days = sorted({BEFORE_ALL, *dates, *(day - timedelta(days=1) for day in dates)})
    then = {(name, day): warehouse.multiset(f"{name}('{day}')") for name in macros for day in days}
    for day in reversed(days):
        if day + timedelta(days=1) in dates:
            warehouse.forget_since(day + timedelta(days=1))
            warehouse.build_tables(AS_OF[name] for name in macros)
        for name in macros:
            assert then[name, day] == warehouse.multiset(AS_OF[name]), f"{name} as of {day}"
    assert not any(then[name, BEFORE_ALL] for name in macros)


def _check_one_release_per_month(
    warehouse: Warehouse, cut: Cut, releases: Iterable[Release]
) -> None:
    """The current rows of a month and region are all the rows of one release: the newest; at equal
    dates the most detailed, then the one with the later last month, then the later repost."""
    known = {release.release_id: release for release in releases}
    published_rows: dict[Cell, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in _with_region(warehouse.rows(cut.by_release)):
        published_rows[row["month"], row["land_border_region"]][row["release_id"]].append(row)
    current: dict[Cell, list[Row]] = defaultdict(list)
    for row in _with_region(warehouse.rows(cut.table)):
        current[row["month"], row["land_border_region"]].append(row)
    assert set(current) == set(published_rows)
    for place, by_release in published_rows.items():

        def newness(release_id: str, rows: dict[str, list[Row]] = by_release) -> tuple[Any, ...]:
            published_on, *rest = _place(known[release_id])
            detail = len(_broken_down(rows[release_id], cut.dimensions))
            return published_on, detail, *rest

        newest = max(by_release, key=newness)
        assert {row["release_id"] for row in current[place]} == {newest}, place
        assert _sum(current[place]) == _sum(by_release[newest]), place
        assert len(current[place]) == len(by_release[newest]), place


def _check_names(warehouse: Warehouse) -> None:
    """A renamed category has the newest name everywhere; at equal dates the later name."""
    used = [
        (row["published_on"], row["demographic"])
        for row in warehouse.rows("demographic_names_by_release")
        if row["category"] == NEW_NAME
    ]
    names = {name for day, name in used if day == max(used)[0]}
    name = NEW_NAME if NEW_NAME in names else OLD_NAME
    for cut in CUTS.values():
        for row in warehouse.rows(cut.table):
            if row["demographic"] in (OLD_NAME, NEW_NAME):
                assert row["demographic"] == name


def _check_encounter_revisions(
    warehouse: Warehouse, name: str, cut: Cut, releases: Iterable[Release]
) -> None:
    """In the months that two releases share, the revisions turn the earlier release's cells into
    the later one's, and the summary counts them."""
    known = {release.release_id: release for release in releases}
    published_rows: dict[tuple[str, date], list[Row]] = defaultdict(list)
    regions: dict[str, set[str]] = defaultdict(set)
    for row in _with_region(warehouse.rows(cut.by_release)):
        published_rows[row["release_id"], row["month"]].append(row)
        regions[row["release_id"]].add(row["land_border_region"])
    revisions: dict[Cell, list[Row]] = defaultdict(list)
    for row in warehouse.rows("fct_encounter_revisions"):
        if row["cut"] == name:
            revisions[_pair(row)].append(row)
    summaries = [row for row in warehouse.rows("revision_summary") if row["cut"] == name]
    for summary in summaries:
        earlier, later, month = _pair(summary)
        one, other = published_rows[earlier, month], published_rows[later, month]
        assert one, "the earlier release has the month"
        assert other, "the later release has the month"
        if known[earlier].dataset == known[later].dataset:
            compared = regions[earlier] | regions[later]
        else:
            compared = regions[earlier] & regions[later]
        detail = _broken_down(one, cut.dimensions) & _broken_down(other, cut.dimensions)
        before, after = _folded(one, detail, compared), _folded(other, detail, compared)
        changes = revisions.pop((earlier, later, month), [])
        cells = [
            (_cell(row, detail), row["encounters_before"], row["encounters_after"], row)
            for row in changes
        ]
        _check_changes(before, after, cells, summary)
    assert not revisions, "a revision of months that the summary does not name"
    _check_which_releases_are_compared(known, cut, published_rows, summaries)


def _check_which_releases_are_compared(
    known: dict[str, Release],
    cut: Cut,
    published_rows: dict[tuple[str, date], list[Row]],
    found: list[Row],
) -> None:
    """Two releases are compared, in all months that they share, if one follows the other in some
    month and region. Of the releases of one day only the most detailed count."""
    places: dict[Cell, dict[str, int]] = defaultdict(dict)
    months: dict[str, set[date]] = defaultdict(set)
    for (release_id, month), rows in published_rows.items():
        months[release_id].add(month)
        for region in {row["land_border_region"] for row in rows}:
            of_region = [row for row in rows if row["land_border_region"] == region]
            places[month, region][release_id] = len(_broken_down(of_region, cut.dimensions))
    pairs = set()
    for detail in places.values():
        most: dict[date, int] = defaultdict(int)
        for release_id, dimensions in detail.items():
            day = known[release_id].published_on
            most[day] = max(most[day], dimensions)
        line = [r for r in detail if detail[r] == most[known[r].published_on]]
        pairs |= set(pairwise(sorted(line, key=lambda release_id: _place(known[release_id]))))
    assert {_pair(row) for row in found} == {
        (earlier, later, month)
        for earlier, later in pairs
        for month in months[earlier] & months[later]
    }


def _check_changes(
    before: dict[Cell, int],
    after: dict[Cell, int],
    changes: Sequence[tuple[Cell, int | None, int | None, Row]],
    summary: Row,
) -> None:
    """Applying the changes one by one to the earlier cells results in the later ones; the kinds of
    change and the summary's counts are correct."""
    net = sum(after.values()) - sum(before.values())
    cells = dict(before)
    for cell, old, new, row in changes:
        assert old == before.get(cell), cell
        assert old != new, cell
        assert row["difference"] == (new or 0) - (old or 0)
        kind = "revised" if old is not None else "added"
        kind = "withdrawn" if new is None else kind
        assert row["kind"] == (kind if net else "relabelled")
        if new is None:
            del cells[cell]
        else:
            cells[cell] = new
    assert cells == after, "the revisions do not lead to the later release"
    changed = {cell for cell, *_ in changes}
    assert changed == {c for c in before.keys() | after.keys() if before.get(c) != after.get(c)}
    assert len(changes) == len(changed), "a cell occurs twice"
    differences = [row["difference"] for *_, row in changes]
    assert [
        summary["cells_compared"],
        summary["cells_changed"],
        summary["cells_new"],
        summary["cells_gone"],
        summary["total_before"],
        summary["total_after"],
        summary["net_change"],
        summary["largest_change"],
    ] == [
        len(before.keys() | after.keys()),
        len(changes),
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
        sum(before.values()),
        sum(after.values()),
        net,
        max(map(abs, differences), default=0),
    ]


def _check_one_release_per_action(warehouse: Warehouse) -> None:
    """Each action of a period comes from one release: the newest, but never a year to date once the
    whole year is published; at equal dates the table behind the charts before figures copied from
    it, then the later repost."""
    published = {row["release_id"]: row for row in warehouse.rows("staging.stg_releases")}
    preference = {WEB_TABLE: 2, REPATRIATIONS: 3, REMOVALS: 2}
    published_rows: dict[Cell, list[Row]] = defaultdict(list)
    for row in warehouse.rows("fct_deportations_by_release"):
        published_rows[_action(row)].append(row)
    current = {_action(row): row for row in warehouse.rows("fct_deportations")}
    assert len(current) == len(warehouse.rows("fct_deportations")), "an action occurs twice"
    assert set(current) == set(published_rows)

    def newness(row: Row) -> tuple[Any, ...]:
        release = published[row["release_id"]]
        preferred = -preference[release["dataset"]]
        backwards = [-ord(sign) for sign in row["release_id"]]
        return release["published_on"], preferred, release["repost"], backwards

    for action, rows in published_rows.items():
        whole = [published[r["release_id"]]["published_on"] for r in rows if not r["is_partial"]]
        first = min(whole, default=date.max)
        newest = max(
            (
                row
                for row in rows
                if not row["is_partial"] or published[row["release_id"]]["published_on"] < first
            ),
            key=newness,
        )
        assert current[action]["release_id"] == newest["release_id"], action
        assert current[action]["people"] == newest["people"], action


def _check_deportation_revisions(warehouse: Warehouse) -> None:
    """In the periods that two releases share, the revisions turn the earlier release's actions into
    the later one's, except for a year to date that has grown."""
    published_rows: dict[Cell, dict[Cell, Row]] = defaultdict(dict)
    lines: dict[Cell, list[tuple[date, str]]] = defaultdict(list)
    for row in warehouse.rows("fct_deportations_by_release"):
        place = row["release_id"], row["agency"], row["period_start"]
        published_rows[place][(row["action"],)] = row
        if row["current_from"] is not None:
            lines[_action(row)].append((row["current_from"], row["release_id"]))
    revisions: dict[Cell, list[Row]] = defaultdict(list)
    for row in warehouse.rows("fct_deportation_revisions"):
        revisions[(*_pair(row), row["agency"])].append(row)
    compared = set()
    for summary in warehouse.rows("revision_summary"):
        earlier, later, month = _pair(summary)
        agency = summary["cut"].removeprefix("deportations, ")
        one, other = published_rows[earlier, agency, month], published_rows[later, agency, month]
        assert one, "the earlier release has the period"
        assert other, "the later release has the period"
        grown = {
            action
            for action in one.keys() & other.keys()
            if other[action]["period_end"] > one[action]["period_end"]
            and other[action]["people"] >= one[action]["people"]
        }
        before = {action: row["people"] for action, row in one.items() if action not in grown}
        after = {action: row["people"] for action, row in other.items() if action not in grown}
        changes = revisions.pop((earlier, later, month, agency), [])
        actions = [((r["action"],), r["people_before"], r["people_after"], r) for r in changes]
        if not grown:
            _check_changes(before, after, actions, summary)
        else:
            assert not before, "ICE publishes one action per year"
            assert summary["cells_changed"] == summary["net_change"] == len(actions) == 0
        compared.add((earlier, later, agency, month))
    assert not revisions, "a revision of periods that the summary does not name"
    pairs = {
        (earlier, later, agency)
        for (_, agency, _), line in lines.items()
        for (_, earlier), (_, later) in pairwise(sorted(line))
    }
    assert compared == {
        (earlier, later, agency, period)
        for earlier, later, agency in pairs
        for release_id, of, period in [
            place for place, actions in published_rows.items() if actions
        ]
        if (release_id, of) == (earlier, agency) and published_rows.get((later, agency, period))
    }


def _check_one_release_of_custody_per_month(warehouse: Warehouse, cut: str) -> None:
    """The current rows of a month are all the rows of one release: the newest; at equal dates the
    workbook before the web table, then the later repost. A year is provisional in a release that
    does not cover its September."""
    dimension, _, table = BOOK_OUTS[cut]
    published = {row["release_id"]: row for row in warehouse.rows("staging.stg_releases")}
    published_rows: dict[date, dict[str, Counter[Cell]]] = defaultdict(lambda: defaultdict(Counter))
    for row in warehouse.rows(f"{table}_by_release"):
        cell = row[dimension], row["outcome"], row["people"]
        published_rows[row["month"]][row["release_id"]][cell] += 1
        last_month = published[row["release_id"]]["last_month"]
        assert row["is_provisional"] == (last_month < date(row["fiscal_year"], 9, 1))
    current: dict[date, Counter[Cell]] = defaultdict(Counter)
    for row in warehouse.rows(table):
        current[row["month"]][row[dimension], row["outcome"], row["people"]] += 1

    def newness(release_id: str) -> tuple[Any, ...]:
        release = published[release_id]
        backwards = [-ord(sign) for sign in release_id]
        is_workbook = release["dataset"] == MONTHLY_TABLES
        return release["published_on"], is_workbook, release["repost"], backwards

    assert current == {
        month: by_release[max(by_release, key=newness)]
        for month, by_release in published_rows.items()
    }


def _check_custody_revisions(warehouse: Warehouse, cut: str) -> None:
    """In the months that two releases share, the revisions turn the earlier release's outcomes into
    the later one's."""
    dimension, _, table = BOOK_OUTS[cut]
    published_rows: dict[tuple[str, date], dict[Cell, int]] = defaultdict(dict)
    lines: dict[date, set[tuple[date, str]]] = defaultdict(set)
    for row in warehouse.rows(f"{table}_by_release"):
        cell = row[dimension], row["outcome"]
        published_rows[row["release_id"], row["month"]][cell] = row["people"]
        if row["current_from"] is not None:
            lines[row["month"]].add((row["current_from"], row["release_id"]))
    revisions: dict[Cell, list[Row]] = defaultdict(list)
    for row in warehouse.rows("fct_custody_outcome_revisions"):
        if row["cut"] == cut:
            revisions[_pair(row)].append(row)
    compared = set()
    for summary in warehouse.rows("revision_summary"):
        if summary["cut"] == f"custody outcomes by {cut}":
            earlier, later, month = _pair(summary)
            changes = [
                ((row[dimension], row["outcome"]), row["people_before"], row["people_after"], row)
                for row in revisions.pop((earlier, later, month), [])
            ]
            before, after = published_rows[earlier, month], published_rows[later, month]
            _check_changes(before, after, changes, summary)
            compared.add((earlier, later, month))
    assert not revisions, "a revision of months that the summary does not name"
    pairs = {
        (earlier, later)
        for line in lines.values()
        for (_, earlier), (_, later) in pairwise(sorted(line))
    }
    assert compared == {
        (earlier, later, month)
        for earlier, later in pairs
        for release_id, month in [place for place, cells in published_rows.items() if cells]
        if release_id == earlier and published_rows.get((later, month))
    }


def _archive(folder: Path, files: Iterable[File]) -> Archive:
    """An archive of these files."""
    intake = Intake(Settings(home=folder / "home", offline=True))
    for file in files:
        found = candidate(
            folder / "landing", file.text.encode(), file.published, file.name, file.dataset
        )
        outcome = intake.take(found)
        # equal bytes are one release, whatever their name
        assert outcome.kind in ("archived", "duplicate"), outcome.reason
    return intake.archive


def _file(draw: st.DrawFn, dataset: str) -> File:
    """A release with some months, places and people."""
    published = draw(st.sampled_from(PUBLISHED))
    first = draw(st.integers(0, len(COVERED) - 1))
    months = COVERED[first : draw(st.integers(first + 1, len(COVERED)))]
    repost = draw(st.sampled_from(("", "", "_0", "_1")))
    minors = draw(st.sampled_from((OLD_NAME, NEW_NAME)))
    places = draw(st.sampled_from((slice(0, 2), slice(0, 2), slice(0, 1), slice(1, 2))))
    if dataset in (SOUTHWEST, BY_AREA, BY_STATE):
        name, lines = _full_file(draw, dataset, months, places)
    else:
        name, lines = _bundled_file(draw, dataset, published, months, places)
    text = "\n".join(lines).replace(OLD_NAME, minors) + "\n"
    return File(dataset, published, f"{name}{repost}.csv", text)


def _full_file(
    draw: st.DrawFn, dataset: str, months: Sequence[str], places: slice
) -> tuple[str, list[str]]:
    """CBP's own file, by citizenship. Cells may be missing, except a month's first. Some months
    have the same count in every file."""
    whole = made(dataset, months[0], months[-1], PEOPLE)
    settled = [draw(st.booleans()) for _ in months]
    lines = [_line(whole.header)]
    at = whole.columns.index("encounters")
    for number, cells in enumerate(whole.rows):
        place, person = divmod(number, len(PEOPLE))
        count = 2 if settled[place // 2] else draw(_counts(may_be_missing=person > 0))
        if place % 2 in range(2)[places] and count is not None:
            lines.append(_line((*cells[:at], str(count), *cells[at + 1 :])))
    last = date.fromisoformat(f"{months[-1]}-01")
    year = (last.year + (last.month >= 10)) % 100
    stem = "sbo-encounters" if dataset == SOUTHWEST else "nationwide-encounters"
    kind = {SOUTHWEST: "", BY_AREA: "-aor", BY_STATE: "-state"}[dataset]
    return f"{stem}-fy23-fy{year}-{MONTHS[last.month - 1]}{kind}", lines


def _bundled_file(
    draw: st.DrawFn, dataset: str, published: str, months: Sequence[str], places: slice
) -> tuple[str, list[str]]:
    """Sums over CBP's files, a year's page with still fewer dimensions, or the at-large split."""
    if dataset == AT_LARGE:
        lines = ["month,total,at_large,at_entry"]
        for month in months:
            at_large, at_entry = draw(st.integers(0, 3)), draw(st.integers(1, 3))
            lines.append(f"{month},{at_large + at_entry},{at_large},{at_entry}")
        return "cbp_usbp_southwest_at_large_split", lines
    encounter_type = {FIELD_OPERATIONS: "Inadmissibles", BORDER_PATROL: "Apprehensions"}
    area = {FIELD_OPERATIONS: "San Diego Field Office", BORDER_PATROL: "San Diego Sector"}
    headers = {
        SUMS: "component,demographic,title_of_authority,encounter_type,encounters",
        SUMS_BY_AREA: "component,area_of_responsibility,demographic,title_of_authority,"
        "encounter_type,encounters",
        YEARLY_PAGES: "component,demographic,encounters,source_url",
    }
    lines = [f"published_on,month,{headers[dataset]}"]
    people = SUMMED if dataset != YEARLY_PAGES or draw(st.booleans()) else ("",)
    for month in months:
        for component in (FIELD_OPERATIONS, BORDER_PATROL)[places]:
            for number, demographic in enumerate(people):
                count = draw(_counts(may_be_missing=number > 0))
                if count is None:
                    continue
                cells = {
                    SUMS: (demographic, "Title 8", encounter_type[component], str(count)),
                    SUMS_BY_AREA: (
                        *(area[component], demographic),
                        *("Title 8", encounter_type[component], str(count)),
                    ),
                    YEARLY_PAGES: (demographic, str(count), "https://www.cbp.gov"),
                }[dataset]
                lines.append(_line((published, f"{month}-01", component, *cells)))
    stem = {
        SUMS: "cbp_southwest_monthly",
        SUMS_BY_AREA: "cbp_southwest_by_area",
        YEARLY_PAGES: "cbp_southwest_migration_pages",
    }[dataset]
    return f"{stem}_published_{published}", lines


def _counts(may_be_missing: bool) -> st.SearchStrategy[int | None]:
    """Few values, so that releases often agree and changes often cancel out. A count that may not
    be missing is not 0 either: a release with an empty month is refused."""
    return st.sampled_from((2, 3, 0, 5, None) if may_be_missing else (2, 3, 5))


def _line(cells: Iterable[str]) -> str:
    return ",".join(f'"{cell}"' for cell in cells)


def _fill_deportations(warehouse: Warehouse, releases: Iterable[DeportationRelease]) -> None:
    """Fill the raw tables with these releases of deportations only."""
    _fill(warehouse, [(release, _raw_rows(release)) for release in releases])


def _fill_custody(warehouse: Warehouse, releases: Iterable[CustodyRelease]) -> None:
    """Fill the raw tables with these releases of book-outs only."""
    _fill(warehouse, [(release, _raw_book_outs(release)) for release in releases])


def _fill(
    warehouse: Warehouse,
    releases: Iterable[tuple[DeportationRelease | CustodyRelease, list[RawRow]]],
) -> None:
    connection = warehouse.connection
    for table in ("meta.releases", *(f"raw.{dataset}" for dataset in warehouse.datasets)):
        connection.execute(f"truncate {table}")
    for number, (release, raw_rows) in enumerate(releases):
        release_id = f"{number * 7 % 10:016}"  # not in the order of publication
        connection.execute(
            "insert into meta.releases by name select ? as release_id, ? as dataset,"
            " 'accepted' as verdict, ?::date as published_on, ? as repost, ?::date as last_month",
            [
                *(release_id, release.dataset, release.published_on, release.repost),
                max((month for month, _ in raw_rows if month), default=None),
            ],
        )
        for period, cells in raw_rows:
            names = ", ".join(f"? as {name}" for name in cells)
            connection.execute(
                f"insert into raw.{release.dataset} by name select ? as release_id,"
                f" ? as month_start, {names}",
                [release_id, period, *cells.values()],
            )


def _raw_book_outs(release: CustodyRelease) -> list[RawRow]:
    """The first day of the month, and the cells by column. The totals are no outcomes."""
    if release.dataset == MONTHLY_TABLES:
        return [
            (
                f"{month}-01",
                {
                    "table_name": BOOK_OUTS[cut][1],
                    "heading_group": label,
                    "label": heading,
                    "figure": str(people),
                },
            )
            for cut, month, label, heading, people in (
                *release.rows,
                *(
                    (cut, month, label, "Total Encounters", 99)
                    for cut, month, label, *_ in release.rows
                ),
            )
        ]
    months: dict[str, dict[str, str]] = defaultdict(dict)
    for _, month, label, heading, people in release.rows:
        column = f"book_outs_{label}_{heading}".lower().replace(" ", "_")
        months[f"{month}-01"][column] = str(people)
        months[f"{month}-01"][f"book_outs_{label}_total".lower()] = "99"
    return list(months.items())


def _raw_rows(release: DeportationRelease) -> list[RawRow]:
    """The first day of the month, or None for a year, and the cells by column."""
    if release.dataset == REMOVALS:
        return [
            (None, {"fiscal_year": year, "coverage": coverage, "removals": str(people)})
            for year, coverage, people in release.rows
        ]
    if release.dataset == REPATRIATIONS:
        return [
            (f"{month}-01", {"repatriation_type": action, "repatriations": str(people)})
            for month, action, people in release.rows
        ]
    months: dict[str, dict[str, str]] = defaultdict(dict)
    for month, action, people in release.rows:
        months[f"{month}-01"]["repatriations_" + action.lower().replace(" ", "_")] = str(people)
    return list(months.items())


@lru_cache(maxsize=3)
def _warehouse(manifest: Path, datasets: tuple[str, ...]) -> Warehouse:
    return Warehouse(manifest, datasets)


def _with_region(rows: Iterable[Row]) -> list[Row]:
    """Adds the region to rows of the southwest cut, which has only one and no column for it."""
    return [{"land_border_region": "Southwest Land Border"} | row for row in rows]


def _place(release: Release) -> tuple[Any, ...]:
    """Sort key among equally detailed releases; the greatest is current."""
    backwards = [-ord(sign) for sign in release.release_id]
    return release.published_on, release.last_month, release.repost, backwards


def _broken_down(rows: Iterable[Row], dimensions: Iterable[str]) -> set[str]:
    return {name for name in dimensions for row in rows if row[name] != NOT_BROKEN_DOWN}


def _sum(rows: Iterable[Row]) -> int:
    return sum(row["encounters"] for row in rows)


def _folded(rows: Iterable[Row], detail: set[str], regions: set[str]) -> dict[Cell, int]:
    """Encounters by cell, summed over the dimensions that are not compared."""
    folded: Counter[Cell] = Counter()
    for row in rows:
        if row["land_border_region"] in regions:
            folded[_cell(row, detail)] += row["encounters"]
    return dict(folded)


def _cell(row: Row, detail: set[str]) -> Cell:
    """A cell by its labels; both names of a renamed category count as one."""
    labels = (row[name] if name in detail else NOT_BROKEN_DOWN for name in DIMENSIONS)
    return (
        row["land_border_region"],
        *(NEW_NAME if label == OLD_NAME else label for label in labels),
    )


def _action(row: Row) -> Cell:
    return row["period_start"], row["agency"], row["action"]


def _pair(row: Row) -> tuple[str, str, date]:
    month = row["month"] if "month" in row else row["period_start"]
    return row["earlier_release_id"], row["later_release_id"], month
