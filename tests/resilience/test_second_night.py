"""The second night: earlier runs were killed or could not write, five of the files in the landing
folder and two of the files of claims cannot be used, a person has accepted a held release, and
analysts keep reading.

`make test` kills runs early; `python -m tests.resilience.crash` at every step boundary and at
random moments.
"""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from orchestration.builds.build import all_builds
from orchestration.builds.publishing import published_build
from orchestration.claims.claim import TYPED
from orchestration.claims.periods import KNOWN
from orchestration.claims.questions import TESTS
from orchestration.cli.options import USAGE
from orchestration.settings import Settings
from tests.conftest import copy_home, copy_project, run_command
from tests.resilience.crash.kills import (
    BOUNDARIES,
    Moment,
    Place,
    killed_at,
    problems_after_kill,
    problems_after_run,
    state_of,
)
from tests.resilience.crash.new_releases import NewRelease, new_release, put_in_landing
from tests.resilience.crash.obstacles import PORTABLE, CannotCreate, Obstacle, run_into
from tests.support.claims import ASKED
from tests.support.landing_folders import ICE, southwest_file, write_ice_case, write_landing
from tests.support.published_file import OPEN_SESSION, SOUTHWEST_BY_FISCAL_YEAR, ask

pytestmark = pytest.mark.long

EARLY = ("a release on its way", "sources", "open build")
EARLY_SECONDS = (0.3, 8.0)
DICE = random.Random(20250310)
MOMENTS = (
    *(moment for moment in BOUNDARIES if moment.kind in EARLY),
    *(Moment(f"random {n}", after=DICE.uniform(*EARLY_SECONDS)) for n in (1, 2)),
)
BUILD = "select build_id from meta.builds"
REASON = "ICE says that it has recounted"


@dataclass
class CrashedHome:
    """A home whose runs fail, and the releases put into its landing folder before each."""

    place: Place
    releases: list[NewRelease] = field(default_factory=list)

    def add_release(self) -> None:
        self.releases.append(new_release(len(self.releases)))
        put_in_landing(self.place.landing, self.releases[-1])


@pytest.fixture(scope="module")
def crashed(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> CrashedHome:
    folder = tmp_path_factory.mktemp("crashed")
    return CrashedHome(Place(copy_home(bundle_home, folder / "home"), folder / "landing"))


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.kind)
def test_a_killed_run_leaves_the_published_file_and_the_archive_intact(
    moment: Moment, crashed: CrashedHome
) -> None:
    crashed.add_release()
    before = state_of(crashed.place.settings)
    killed = killed_at(moment, crashed.place)
    assert killed.reached, killed.output
    assert problems_after_kill(before, crashed.releases, crashed.place.settings) == []


@pytest.mark.parametrize("obstacle", PORTABLE, ids=lambda obstacle: obstacle.name)
def test_a_run_that_cannot_write_says_why_and_changes_nothing(
    obstacle: Obstacle, crashed: CrashedHome
) -> None:
    crashed.add_release()
    try:
        outcome = run_into(obstacle, crashed.place, crashed.releases)
    except CannotCreate as error:
        pytest.skip(str(error))
    assert outcome.problems == ()


@dataclass
class Night:
    """The second night: its home and project, the operator's files of claims, the run's output, and
    the builds that analysts saw while it ran."""

    home: Path
    project: Path
    claims: list[Path]
    first_build: str
    output: str = ""
    seen: list[str] = field(default_factory=list)
    seen_by_open_session: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def night(crashed: CrashedHome, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The home whose runs were killed, after a complete run during which analysts read: one
    session stays open, others open, query and close one after the other."""
    home, folder = crashed.place.home, tmp_path_factory.mktemp("night")
    _accept_held_release(home, folder / "ice")
    landing = _mixed_landing(folder / "landing")
    project = _project_with_another_claim(folder / "project")
    claims = _files_of_claims(folder / "claims")
    night = Night(home, project, claims, first_build=ask(home, BUILD)[0][0])
    # a process of its own: within one process DuckDB shares a file by its path
    session = subprocess.Popen(
        [sys.executable, "-c", OPEN_SESSION, str(home / "border.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert session.stdout is not None
    night.seen_by_open_session.append(session.stdout.readline().strip())
    log = folder / "run.log"
    with log.open("w") as output:
        run = subprocess.Popen(
            [*crashed.place.command, "--landing", str(landing)],
            cwd=project,
            env=os.environ
            | {
                "BORDERLEDGER_HOME": str(home),
                "BORDERLEDGER_OFFLINE": "1",
                "BORDERLEDGER_CLAIMS": os.pathsep.join(map(str, claims)),
                "COLUMNS": "200",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while run.poll() is None:
            night.seen.append(ask(home, BUILD)[0][0])
            time.sleep(0.2)  # leave the two cores to the run
    night.output = log.read_text()
    assert run.returncode == USAGE, night.output  # two files of claims cannot be used
    assert "Published build" in night.output
    night.seen.append(ask(home, BUILD)[0][0])
    out, _ = session.communicate("again\n", timeout=30)
    night.seen_by_open_session.append(out.strip())
    return night


def test_the_next_run_succeeds_without_a_manual_clean_up(night: Night) -> None:
    builds = all_builds(night.home / "builds")
    assert len(builds) == 2
    assert all(build.is_sealed for build in builds)
    current = published_build(Settings(home=night.home))
    assert current is not None
    assert current.folder == builds[-1].folder


def test_no_release_from_before_a_killed_run_is_lost(night: Night, crashed: CrashedHome) -> None:
    assert crashed.releases
    done = subprocess.CompletedProcess([], 0, night.output)
    assert problems_after_run(done, crashed.releases, Settings(home=night.home)) == []


def test_analysts_keep_reading_while_a_run_works_and_publishes(night: Night) -> None:
    assert len(night.seen) > 20
    assert set(night.seen[:10]) == {night.first_build}
    assert night.seen[-1] != night.first_build
    assert len(set(night.seen)) == 2


def test_a_session_that_stays_open_keeps_its_file(night: Night) -> None:
    assert night.seen_by_open_session == [night.first_build] * 2


def test_rollback_publishes_the_earlier_build_and_the_next_run_keeps_it(
    night: Night, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(night.home, home)
    run_command(home, "rollback", night.first_build)
    assert ask(home, "select build_id from meta.builds") == [(night.first_build,)]
    published = {
        build["build_id"]: build["published"]
        for build in json.loads(run_command(home, "builds", "--json").stdout)
    }
    assert published.pop(night.first_build) is True
    assert list(published.values()) == [False]
    again = run_command(home, "nightly", project=night.project, claims=night.claims, expect=USAGE)
    assert "Nothing is new" in again.stdout
    unknown = run_command(home, "rollback", "20200101T000000Z-00000000", expect=2)
    assert "expected one of" in unknown.stderr


def test_a_new_claim_needs_a_row_and_no_code(night: Night) -> None:
    home = night.home
    claims = {
        claim["claim_id"]: claim
        for claim in json.loads(run_command(home, "claims", "--json").stdout)
    }
    mine = claims["own-january"]
    [(release,)] = ask(
        home, "select release_id from dim_release where file_name like '%-fy25-fy25-jan%'"
    )
    assert (mine["value_then"], mine["value_now"]) == ("6133", "6133")
    assert mine["verdict"] == "supported after rounding"
    assert mine["evidence"] == mine["evidence_then"] == [release]
    assert "in January 2025 were 6,133, as published by 10 March 2025 and today." in mine["note"]


def test_a_claim_that_cannot_be_tested_is_shown_and_stops_nothing(night: Night) -> None:
    notes = _notes_on_invalid_claims(night.home, "own")
    assert notes["own-malformed"].startswith("measure: found 'troops', expected one of Border")
    assert notes["own-undated"] == f"stated_on: found 'soon', expected {TYPED['stated_on']}"
    twice = "claim_id: found 'own-january' twice, expected another one"
    assert notes["claims.csv line 28"] == twice
    assert len(notes) == 3
    found = "select status from meta.gate_results where \"check\" = 'no_claim_is_invalid'"
    assert ask(night.home, found) == [("failed",)]


def test_the_operators_claims_are_checked_after_the_projects(night: Night) -> None:
    verdicts = ask(
        night.home,
        "select claim_id, verdict, value_now from claim_checks"
        " where document = 'mine.csv' and verdict <> 'invalid'",
    )
    assert verdicts == [("my-january", "supported after rounding", "6133")]
    assert _notes_on_invalid_claims(night.home, "mine.csv") == {
        "mine.csv line 3": "claim_id: found 'own-january' twice, expected another one",
        "my-end-of-days": f"period: found '9999-12', expected {KNOWN}",
    }
    assert ask(night.home, "select claims_digest is not null from meta.builds") == [(True,)]


def test_a_claim_of_every_kind_goes_through_the_gates(night: Night) -> None:
    found = ask(
        night.home, "select test, verdict, note from claim_checks where document = 'every.csv'"
    )
    assert {test for test, _, _ in found} == set(TESTS)
    assert [row for row in found if row[1] == "invalid"] == []


def test_a_file_of_claims_that_cannot_be_used_stops_nothing_and_is_reported(night: Night) -> None:
    _, damaged, gone, _ = night.claims
    problems = {
        damaged: "found no UTF-8 (byte 43), expected a CSV file in UTF-8",
        gone: "found no such file, expected a CSV file in UTF-8",
    }
    for path, problem in problems.items():
        assert _notes_on_invalid_claims(night.home, path.name) == {path.name: problem}
        assert f"borderledger: file of claims {path}: {problem}" in night.output
    status = run_command(night.home, "status", claims=night.claims).stdout
    for path, problem in problems.items():
        assert f"unusable     file of claims {path}: {problem}" in status


@pytest.mark.parametrize(
    ("added", "is_new"), [("", False), ("my-other,FY2024,1", True)], ids=["unchanged", "changed"]
)
def test_a_build_follows_if_a_file_of_claims_has_changed_and_not_if_it_was_moved(
    added: str, is_new: bool, night: Night, tmp_path: Path
) -> None:
    mine, damaged, gone, every = night.claims
    moved = [Path(shutil.copy(path, tmp_path)) for path in (mine, damaged, every)]
    with moved[0].open("a") as file:
        file.write(added)
    claims = [moved[0], moved[1], tmp_path / gone.name, moved[2]]
    found = run_command(night.home, "status", "--json", project=night.project, claims=claims)
    assert json.loads(found.stdout)["up_to_date"] is not is_new


def test_the_good_release_is_published_and_newest(night: Night) -> None:
    home = night.home
    query = (
        "select release.file_name, month.total from southwest_border_monthly as month"
        " inner join dim_release as release on release.release_id = month.total_release_id"
        " where month.month = '2025-01-01'"
    )
    [(file_name, total)] = ask(home, query)
    assert file_name == "sbo-encounters-fy25-fy25-jan.csv"
    assert total > 0


def test_the_other_five_files_are_refused_or_duplicates_with_clear_reasons(
    night: Night,
) -> None:
    home = night.home
    assert "same bytes as release" in night.output
    refused = {
        release["file_name"]: release["reason"]
        for release in _releases(home)
        if release["verdict"] == "refused"
    }
    assert len(refused) == 4
    assert "HTML" in refused["sbo-encounters-fy25-fy25-feb.csv"]
    assert "unknown column 'Kind of Encounter'" in refused["sbo-encounters-fy25-fy25-mar.csv"]
    assert "cut off" in refused["sbo-encounters-fy25-fy25-apr.csv"]
    assert "empty" in refused["sbo-encounters-fy25-fy25-may.csv"]
    recorded = ask(home, "select count(*) from meta.releases where verdict = 'refused'")
    assert recorded == [(4,)]


def test_a_renamed_demographic_goes_by_its_newest_name_everywhere(night: Night) -> None:
    home = night.home
    for table in ("fct_southwest_encounters", "fct_encounters", "dim_demographic"):
        names = {row[0] for row in ask(home, f"select distinct demographic from {table}")}
        assert "UAC" in names
        assert "UC / Single Minors" not in names


def test_the_figures_of_closed_years_do_not_change(night: Night) -> None:
    home = night.home
    query = (
        "select fiscal_year, sum(encounters) from fct_southwest_encounters"
        " where fiscal_year between 2019 and 2024 group by all"
    )
    assert dict(ask(home, query)) == SOUTHWEST_BY_FISCAL_YEAR


def test_the_figure_of_an_accepted_release_is_current(night: Night) -> None:
    home = night.home
    query = (
        "select people from deportations_by_fiscal_year"
        " where fiscal_year = 2024 and measure = 'ICE removals'"
    )
    assert ask(home, query) == [(109_535,)]
    query = "select kind, people_before, people_after from fct_deportation_revisions"
    assert ask(home, query) == [("revised", 271_484, 109_535)]


def test_the_figure_as_of_an_earlier_day_does_not_change(night: Night) -> None:
    home = night.home
    query = (
        "select people from deportations_as_of('{}')"
        " where agency = 'ICE' and action = 'removal' and fiscal_year = 2024"
    )
    figures = {day: ask(home, query.format(day)) for day in ("2025-06-26", "2025-06-27")}
    assert figures == {"2025-06-26": [(271_484,)], "2025-06-27": [(109_535,)]}


def test_the_decision_to_accept_is_published(night: Night) -> None:
    home = night.home
    query = (
        "select verdict, decided_by, decision_reason from meta.releases"
        " where decided_by is not null"
    )
    assert ask(home, query) == [("accepted", "an analyst", REASON)]
    assert ask(home, "select count(*) from meta.held_cells") == [(0,)]


def _accept_held_release(home: Path, folder: Path) -> None:
    """Add two ICE releases and accept the second, which is held."""
    for workbook in write_ice_case(folder):
        published = ("--published-on", workbook.parent.name)
        run_command(home, "add", str(workbook), "--dataset", ICE, *published)
    held = [release for release in _releases(home) if release["verdict"] == "held"]
    assert [release["file_name"] for release in held] == ["FY24_detentionStats06272025.xlsx"]
    run_command(home, "accept", held[0]["release_id"], "--reason", REASON, "--by", "an analyst")


def _mixed_landing(folder: Path) -> Path:
    good = southwest_file("2024-12", "2025-01", minors="UAC")
    return write_landing(
        folder,
        {
            "2025-02/sbo-encounters-fy25-fy25-jan.csv": good,
            "2025-02/sbo-encounters-fy25-fy25-jan_0.csv": good,
            "2025-03/sbo-encounters-fy25-fy25-feb.csv": b"<!DOCTYPE html><html></html>",
            "2025-04/sbo-encounters-fy25-fy25-mar.csv": good.replace(
                b"Encounter Type", b"Kind of Encounter"
            ),
            "2025-05/sbo-encounters-fy25-fy25-apr.csv": good[: len(good) * 2 // 3],
            "2025-06/sbo-encounters-fy25-fy25-may.csv": b"",
        },
    )


def _project_with_another_claim(folder: Path) -> Path:
    """A copy of the project with a claim about a month of the one good file, and one about
    nothing."""
    project = copy_project(folder)
    path = project / "orchestration" / "claims" / "claims.csv"
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    rows = (
        ("own-january", "2025-03-10", "USBP southwest encounters", "6130"),
        ("own-malformed", "2025-03-10", "troops", "5"),
        ("own-undated", "soon", "troops", "5"),
        ("own-january", "2025-03-10", "troops", "5"),
    )
    every = {"document": "own", "period": "2025-01", "test": "equals"}
    with path.open("a", encoding="utf-8", newline="") as file:
        for row in rows:
            named = dict(zip(("claim_id", "stated_on", "measure", "value"), row, strict=True))
            csv.DictWriter(file, columns, lineterminator="\n").writerow(every | named)
    return project


def _files_of_claims(folder: Path) -> list[Path]:
    """A file with a claim about a month of the one good file, one whose ID the project has and one
    in a year that no calendar has; a file that is no UTF-8, and one that is not there."""
    folder.mkdir()
    (folder / "mine.csv").write_text(
        "claim_id,period,value,stated_on,measure,test\n"
        "my-january,2025-01,6130,2025-03-10,USBP southwest encounters,equals\n"
        "own-january,2025-01,6130,2025-03-10,USBP southwest encounters,equals\n"
        "my-end-of-days,9999-12,6130,2025-03-10,USBP southwest encounters,equals\n"
    )
    with (folder / "every.csv").open("w") as every:
        writer = csv.writer(every)
        writer.writerow(["claim_id", "measure", "part", "of", "period", "test", "value"])
        for test, (period, *values) in ASKED.items():
            part = "area=Tucson Sector" if test == "rank" else ""
            of = "southwest encounters" if test == "share of" else ""
            asked = [test, "southwest encounters between ports", part, of, period, test, values[0]]
            writer.writerow(asked)
    (folder / "damaged.csv").write_bytes(
        "claim_id,measure,period,test\nlatin-1,die L\xe4nge".encode("latin-1")
    )
    return [folder / name for name in ("mine.csv", "damaged.csv", "gone.csv", "every.csv")]


def _notes_on_invalid_claims(home: Path, document: str) -> dict[str, str]:
    found = "select claim_id, note from claim_checks where verdict = 'invalid' and document = "
    return dict(ask(home, f"{found}'{document}'"))


def _releases(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run_command(home, "releases", "--json").stdout)
    return found
