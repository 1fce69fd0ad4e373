"""The second night: the runs before it were killed or could not write, files wait in the landing
folders of which five cannot be used, a person has let in what was held, and analysts read on.

`make test` kills early in a run; `python -m tests.resilience.crash` at every step boundary and
at random.
"""

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
from orchestration.settings import Settings
from tests.conftest import copy_home, copy_project, run_command
from tests.resilience.crash.candidates import Offered, arrive, offered
from tests.resilience.crash.hindrances import PORTABLE, CannotMake, Hindrance, met
from tests.resilience.crash.kills import (
    BOUNDARIES,
    Moment,
    Place,
    killed_at,
    problems_after_kill,
    problems_after_run,
    standing,
)
from tests.support.landing_folders import ICE, southwest_file, write_ice_case, write_landing
from tests.support.published_file import OPEN_SESSION, SOUTHWEST_BY_FISCAL_YEAR, ask

EARLY = ("a release on its way", "archive", "build")
EARLY_SECONDS = (0.3, 8.0)
DICE = random.Random(20250310)  # noqa: S311 - moments, not secrets
MOMENTS = (
    *(moment for moment in BOUNDARIES if moment.kind in EARLY),
    *(Moment(f"random {n}", after=DICE.uniform(*EARLY_SECONDS)) for n in (1, 2)),
)
BUILD = "select build_id from meta.builds"
REASON = "ICE says that it counts anew"


@dataclass
class Battered:
    """A home whose runs come to nothing, and the releases that arrived before each."""

    place: Place
    arrived: list[Offered] = field(default_factory=list)

    def arrive(self) -> None:
        self.arrived.append(offered(len(self.arrived)))
        arrive(self.place.landing, self.arrived[-1])


@pytest.fixture(scope="module")
def battered(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Battered:
    folder = tmp_path_factory.mktemp("battered")
    return Battered(Place(copy_home(bundle_home, folder / "home"), folder / "landing"))


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.kind)
def test_a_killed_run_leaves_the_published_file_and_the_archive_whole(
    moment: Moment, battered: Battered
) -> None:
    battered.arrive()
    before = standing(battered.place.settings)
    killed = killed_at(moment, battered.place)
    assert killed.came_so_far, killed.said
    assert problems_after_kill(before, battered.arrived, battered.place.settings) == []


@pytest.mark.parametrize("write_failure", PORTABLE, ids=lambda write_failure: write_failure.name)
def test_a_run_that_cannot_write_says_why_and_leaves_all_as_it_was(
    write_failure: Hindrance, battered: Battered
) -> None:
    battered.arrive()
    try:
        outcome = met(write_failure, battered.place, battered.arrived)
    except CannotMake as error:
        pytest.skip(str(error))
    assert outcome.problems == ()


@dataclass
class Night:
    """The second night: its home and project, what the command said, and what analysts saw
    while it worked and published."""

    home: Path
    project: Path
    first_build: str
    said: str = ""
    seen: list[str] = field(default_factory=list)
    seen_by_open_session: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def night(battered: Battered, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The home whose runs were killed, in which the job then ran through on a landing folder
    while analysts read: one session that stays open, and one after another that opens,
    queries and closes."""
    home, folder = battered.place.home, tmp_path_factory.mktemp("night")
    _accept_what_is_held(home, folder / "ice")
    landing = _mixed_landing(folder / "landing")
    project = _project_with_a_claim_more(folder / "project")
    night = Night(home, project, first_build=ask(home, BUILD)[0][0])
    # a process of its own, as an analyst's is: within one process DuckDB shares a file by path
    watcher = subprocess.Popen(
        [sys.executable, "-c", OPEN_SESSION, str(home / "border.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watcher.stdout is not None
    night.seen_by_open_session.append(watcher.stdout.readline().strip())
    said = folder / "said.log"
    with said.open("w") as output:
        run = subprocess.Popen(
            [*battered.place.command, "--landing", str(landing)],
            cwd=project,
            env=os.environ
            | {"BORDERLEDGER_HOME": str(home), "BORDERLEDGER_OFFLINE": "1", "COLUMNS": "200"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        while run.poll() is None:
            night.seen.append(ask(home, BUILD)[0][0])
            time.sleep(0.2)  # two cores: leave them to the run
    night.said = said.read_text()
    assert run.returncode == 0, night.said
    night.seen.append(ask(home, BUILD)[0][0])
    out, _ = watcher.communicate("again\n", timeout=30)
    night.seen_by_open_session.append(out.strip())
    return night


def test_the_next_run_succeeds_without_cleaning_up_by_hand(night: Night) -> None:
    builds = all_builds(night.home / "builds")
    assert len(builds) == 2
    assert all(build.is_sealed for build in builds)
    current = published_build(Settings(home=night.home))
    assert current is not None
    assert current.folder == builds[-1].folder


def test_no_release_that_arrived_before_a_killed_run_is_lost(
    night: Night, battered: Battered
) -> None:
    assert battered.arrived
    done = subprocess.CompletedProcess([], 0, night.said)
    assert problems_after_run(done, battered.arrived, Settings(home=night.home)) == []


def test_analysts_read_on_while_a_run_works_and_publishes(night: Night) -> None:
    assert len(night.seen) > 20
    assert set(night.seen[:10]) == {night.first_build}
    assert night.seen[-1] != night.first_build
    assert len(set(night.seen)) == 2


def test_a_session_that_stays_open_keeps_its_file(night: Night) -> None:
    assert night.seen_by_open_session == [night.first_build] * 2


def test_rollback_publishes_the_earlier_build_and_the_night_stays_quiet(
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
    assert "Nothing is new" in run_command(home, "nightly", project=night.project).stdout
    unknown = run_command(home, "rollback", "20200101T000000Z-00000000", expect=3)
    assert "expected one of" in unknown.stderr


def test_a_new_claim_is_a_new_row_and_no_code(night: Night) -> None:
    home = night.home
    claims = {
        claim["claim_id"]: claim
        for claim in json.loads(run_command(home, "claims", "--json").stdout)
    }
    assert len(claims) == 21
    mine = claims["own-january"]
    [(release,)] = ask(
        home, "select release_id from dim_release where file_name like '%-fy25-fy25-jan%'"
    )
    assert (mine["value_then"], mine["value_now"]) == ("6133", "6133")
    assert mine["verdict"] == "supported after rounding"
    assert mine["evidence"] == mine["evidence_then"] == [release]
    assert "January 2025: 6,133, as of 10 March 2025 and today." in mine["note"]


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


def test_the_others_are_refused_with_five_clear_reasons(night: Night) -> None:
    home = night.home
    assert "same bytes as release" in night.said
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
    told = ask(home, "select count(*) from meta.releases where verdict = 'refused'")
    assert told == [(4,)]


def test_a_renamed_demographic_goes_by_its_newest_name_everywhere(night: Night) -> None:
    home = night.home
    for table in ("fct_southwest_encounters", "fct_encounters", "dim_demographic"):
        names = {row[0] for row in ask(home, f"select distinct demographic from {table}")}
        assert "UAC" in names
        assert "UC / Single Minors" not in names


def test_the_figures_of_closed_years_stay(night: Night) -> None:
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


def test_the_figure_of_any_day_before_it_stays(night: Night) -> None:
    home = night.home
    query = (
        "select people from deportations_as_of('{}')"
        " where agency = 'ICE' and action = 'removal' and fiscal_year = 2024"
    )
    told = {day: ask(home, query.format(day)) for day in ("2025-06-26", "2025-06-27")}
    assert told == {"2025-06-26": [(271_484,)], "2025-06-27": [(109_535,)]}


def test_the_decision_to_accept_is_told(night: Night) -> None:
    home = night.home
    query = (
        "select verdict, decided_by, decision_reason from meta.releases"
        " where decided_by is not null"
    )
    assert ask(home, query) == [("accepted", "an analyst", REASON)]
    assert ask(home, "select count(*) from meta.held_cells") == [(0,)]


def _accept_what_is_held(home: Path, folder: Path) -> None:
    """A release of ICE would be held, had nobody let it in."""
    for workbook in write_ice_case(folder):
        published = ("--published-on", workbook.parent.name)
        run_command(home, "add", str(workbook), "--dataset", ICE, *published)
    held = [release for release in _releases(home) if release["verdict"] == "held"]
    assert [release["file_name"] for release in held] == ["FY24_detentionStats06272025.xlsx"]
    run_command(home, "accept", held[0]["release_id"], "--reason", REASON, "--by", "an analyst")


def _mixed_landing(folder: Path) -> Path:
    good = southwest_file("2024-10", "2025-01", minors="UAC")
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


def _project_with_a_claim_more(folder: Path) -> Path:
    """The claim is on a month of the one good file."""
    project = copy_project(folder)
    with (project / "dbt_project" / "seeds" / "claims.csv").open("a") as seed:
        seed.write(
            "own-january,own,,2025-03-10,6130 between the ports in January 2025,"
            "USBP southwest encounters,2025-01,equals,6130,encounters,\n"
        )
    return project


def _releases(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run_command(home, "releases", "--json").stdout)
    return found
