"""Releases that are held, whole or in part, while the others are published."""

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from orchestration.builds.build import all_builds
from orchestration.settings import Settings
from tests.conftest import MORE_RELEASES, copy_home, run_command
from tests.support.cbp_files import BY_STATE
from tests.support.landing_folders import write_gate_case
from tests.support.published_file import ask
from tests.support.workbooks import MONTHLY_TABLES, saved

APRIL, JULY = "april-2024", "july-2024"
SHEET = "DHS Removals by Arrest Agcy"


class TestAReleaseThatFailsAGate:
    """It passes intake and review; its rows, and no others, fail a check on a fact. The browser
    tests show the same in the UI."""

    def test_is_held_and_the_others_are_published(self, tmp_path: Path) -> None:
        home, landing = tmp_path / "home", tmp_path / "landing"
        write_gate_case(landing)
        done = run_command(home, "nightly", "--landing", str(landing))
        assert "Published build " in done.stdout
        assert "1 held: see `borderledger releases --problems`" in done.stdout
        assert "A gate held " in done.stderr
        assert ask(home, "select count(*) from fct_encounters_by_state") == [(0,)]
        [(dataset, verdict, reason)] = ask(
            home, "select dataset, verdict, reason from meta.releases where verdict <> 'accepted'"
        )
        assert (dataset, verdict) == (BY_STATE, "held")
        assert "held by a gate: main.fct_encounters_by_state" in reason
        [problem] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
        assert problem["held_by_gate"]["rows"] > 0

        quiet = run_command(home, "nightly", "--landing", str(landing))
        assert "Nothing is new since build" in quiet.stdout

        # once a person insists, the gate stops the run as it always did
        run_command(home, "accept", problem["release_id"], "--reason", "a test", "--by", "Ada")
        stopped = run_command(home, "nightly", "--landing", str(landing), expect=1)
        assert "A gate refused the run; the published file is unchanged." in stopped.stderr
        sealed = [build for build in all_builds(Settings(home).builds) if build.is_sealed]
        assert len(sealed) == 1


class TestATableThatMovedTooFar:
    """OHSS's workbooks of April and July 2024; in the latter one breakdown is altered."""

    @pytest.fixture(scope="class")
    def home(self, once: Callable[..., Path], real_releases: Path) -> Path:
        if not MORE_RELEASES.is_dir():
            pytest.skip("needs ../shared/more_releases, the agencies' own files, not here")

        def fill(home: Path) -> None:
            folder = home.with_name(f"{home.name}-landing")
            for source, month in ((MORE_RELEASES, APRIL), (real_releases, JULY)):
                [path] = (source / MONTHLY_TABLES).glob(f"*/*{month}.xlsx")
                target = folder / path.relative_to(source)
                target.parent.mkdir(parents=True)
                target.write_bytes(altered(path) if month == JULY else path.read_bytes())
            run_command(home, "nightly", "--landing", str(folder))

        return once("held-in-part", fill)

    def test_waits_alone(self, home: Path) -> None:
        [problem] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
        assert problem["verdict"] == "accepted"
        assert problem["held_tables"] == ["removals_by_arresting_agency"]
        assert set(problem["checks"]) >= {"totals_stay"}
        status = json.loads(run_command(home, "status", "--json").stdout)
        assert (status["held"], status["held_in_part"], status["refused"]) == (0, 1, 0)
        assert ask(
            home, "select distinct held_tables from meta.releases where held_tables <> ''"
        ) == [("removals_by_arresting_agency",)]

    def test_keeps_the_figures_of_the_release_before(self, home: Path) -> None:
        newest = "select max(period_start)::text, max(release_id) from "
        [(last, release)] = ask(
            home, f"{newest} fct_deportations_by_arresting_agency where action = 'removal'"
        )
        [(file_name,)] = ask(
            home, f"select file_name from meta.releases where release_id = '{release}'"
        )
        assert (last, APRIL in file_name) == ("2024-04-01", True)

    @pytest.mark.parametrize(
        "table",
        ["fct_deportations", "fct_deportations_by_citizenship", "fct_deportations_by_criminality"],
    )
    def test_does_not_withhold_the_others(self, home: Path, table: str) -> None:
        query = f"select max(period_start)::text from {table} where action = 'removal'"
        assert ask(home, f"{query} and agency = 'DHS'") == [("2024-07-01",)]

    def test_counts_once_a_person_accepts_it(self, home: Path, tmp_path: Path) -> None:
        home = copy_home(home, tmp_path / "home")
        [problem] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
        release = problem["release_id"]
        run_command(home, "accept", release, "--reason", "OHSS has explained it", "--by", "Ada")
        assert json.loads(run_command(home, "releases", "--problems", "--json").stdout) == []
        run_command(home, "refuse", release, "--reason", "it was an error", "--by", "Ada")
        [refused] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
        assert refused["verdict"] == "refused"


def altered(path: Path) -> bytes:
    """The workbook with 10,000 of February 2024's removals under the other agency, in the months
    and in the year to date: the table still adds up."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook[SHEET]
    years = [row for row in sheet.iter_rows(min_row=4) if row[0].value]
    [year] = (row for row in years if row[0].value == "2024 YTD")
    [february] = (row for row in sheet.iter_rows(min_row=year[0].row) if row[1].value == "February")
    for row in (year, february):
        row[3].value -= 10_000
        row[4].value += 10_000
    return saved(workbook)
