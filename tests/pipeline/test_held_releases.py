"""Releases that are held, whole or in part, while the others are published."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from orchestration.builds.build import all_builds
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings
from tests.conftest import MORE_RELEASES, copy_home, run_command
from tests.pipeline.conftest import PRINTED
from tests.support.bad_night import DECISIONS, FAULTY, REFUSED, published
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST
from tests.support.landing_folders import write_gate_case
from tests.support.published_file import ask
from tests.support.warehouse import Warehouse
from tests.support.workbooks import DETENTION, MONTHLY_TABLES, saved

MOVED_SHOWN = 5
APRIL, JULY = "april-2024", "july-2024"
SHEET = "DHS Removals by Arrest Agcy"
OTHER_DEPORTATIONS = ("fct_deportations_by_citizenship", "fct_deportations_by_criminality")
DEPORTATIONS = ("fct_deportations_by_arresting_agency", *OTHER_DEPORTATIONS)


class TestOneBadNight:
    """Four faulty releases and a sound one arrive in one night. The next night publishes what has
    been decided on them. The browser tests do the same in the UI."""

    def test_publishes_the_sound_release_and_holds_the_others(self, bad_night_home: Path) -> None:
        printed = (bad_night_home / PRINTED).read_text()
        assert "Published build " in printed
        counted = "3 releases are held, 1 is held in part: see `borderledger releases --problems`"
        assert counted in printed.splitlines()
        assert verdicts(bad_night_home) == {
            (SOUTHWEST, "2025-10", "accepted", ""),
            (SOUTHWEST, "2025-11", "held", ""),
            (BY_AREA, "2025-09", "accepted", ""),
            (BY_AREA, "2025-10", "held", ""),
            (DETENTION, "2025-01", "accepted", ""),
            (DETENTION, "2025-06", "held", ""),
            (MONTHLY_TABLES, "2025-02", "accepted", "removals_by_citizenship"),
        }
        sound = sound_releases(bad_night_home)
        assert published(bad_night_home) == {
            SOUTHWEST: (True, sound[SOUTHWEST]),
            BY_AREA: ("2025-08-01", sound[BY_AREA]),
            DETENTION: (271_484, [sound[DETENTION]]),
            MONTHLY_TABLES: ("2024-11-01", sound[MONTHLY_TABLES], 0),
        }

    @pytest.fixture(scope="class")
    def held(self, bad_night_home: Path) -> dict[str, str]:
        return waiting(bad_night_home)

    @pytest.fixture(scope="class")
    def listed(self, bad_night_home: Path) -> tuple[str, str]:
        """What the night printed, and what lists the problems afterwards."""
        problems = run_command(bad_night_home, "releases", "--problems").stdout
        return (bad_night_home / PRINTED).read_text(), problems

    @pytest.mark.parametrize("dataset", FAULTY)
    def test_shows_what_was_found_and_the_cells_that_moved_most(
        self, held: dict[str, str], listed: tuple[str, str], dataset: str
    ) -> None:
        shown, release = FAULTY[dataset], held[dataset]
        for printed in listed:
            [block] = [b for b in blocks(printed) if b.startswith(f"held         {release} (")]
            assert shown.sentence in block
            assert len(moved_lines(block)) == min(shown.cells, MOVED_SHOWN)
            assert (f"`borderledger releases {release}`" in block) == (shown.cells > MOVED_SHOWN)
            for decision in ("accept", "refuse"):
                assert f"`borderledger {decision} {release} --reason" in block

    @pytest.mark.parametrize("dataset", [name for name in FAULTY if FAULTY[name].moved])
    def test_lists_every_cell_that_moved(
        self, bad_night_home: Path, held: dict[str, str], dataset: str
    ) -> None:
        shown = FAULTY[dataset]
        assert shown.moved is not None
        period, labels, before, after = shown.moved
        moved = moved_lines(run_command(bad_night_home, "releases", held[dataset]).stdout)
        assert len(moved) == shown.cells
        [cell, *_] = [line for line in moved if period in line and labels in line]
        assert cell.endswith(f": {before:,} -> {after:,} ({after - before:+,})")


class TestTheNightAfter:
    """Three releases of the bad night have been decided on, a table still waits, and a release has
    come that passes intake and review, and whose rows, and no others, fail a check on a fact."""

    @pytest.fixture(scope="class")
    def said(self) -> dict[str, str]:
        """What the commands printed."""
        return {}

    @pytest.fixture(scope="class")
    def home(
        self, bad_night_home: Path, said: dict[str, str], tmp_path_factory: pytest.TempPathFactory
    ) -> Path:
        folder = tmp_path_factory.mktemp("night-after")
        home, landing = copy_home(bad_night_home, folder / "home"), folder / "landing"
        held = waiting(home)
        for number, decision in enumerate((REFUSED, *DECISIONS)):
            arguments = (decision.command, held[decision.dataset], *decision.options)
            done = run_command(home, *arguments, "--reason", f"reason {number}", "--by", "Ada")
            said[f"{decision.command} {decision.dataset}"] = done.stdout
        write_gate_case(landing)
        done = run_command(home, "nightly", "--landing", str(landing))
        said["nightly"], said["nightly's warnings"] = done.stdout, done.stderr
        return home

    def test_each_decision_says_what_follows_from_it(
        self, home: Path, said: dict[str, str]
    ) -> None:
        for done, follows in (
            (f"refuse {SOUTHWEST}", "; no run includes it."),
            (f"redate {BY_AREA}", ", published 2025-10-20); the next run uses the new date."),
            (f"accept {BY_AREA}", ", published 2025-10-20); the next run includes it."),
            (f"accept {DETENTION}", "; the next run includes it."),
            (f"withdraw {DETENTION}", "; no run includes it until it is reinstated."),
        ):
            assert said[done].endswith(f"{follows}\n")

    def test_publishes_what_was_decided(self, home: Path, said: dict[str, str]) -> None:
        assert "Published build " in said["nightly"]
        assert verdicts(home) == {
            (SOUTHWEST, "2025-10", "accepted", ""),
            (SOUTHWEST, "2025-11", "refused", ""),
            (BY_AREA, "2025-09", "accepted", ""),
            (BY_AREA, "2025-10", "accepted", ""),
            (DETENTION, "2025-01", "accepted", ""),
            (DETENTION, "2025-06", "withdrawn", ""),
            (MONTHLY_TABLES, "2025-02", "accepted", "removals_by_citizenship"),
            (BY_STATE, "2026-07", "held", ""),
        }
        [(accepted,)] = ask(
            home,
            "select release_id from dim_release where published_on = '2025-10-20'"
            f" and dataset = '{BY_AREA}'",
        )
        sound = sound_releases(home)
        assert published(home) == {
            SOUTHWEST: (True, sound[SOUTHWEST]),
            BY_AREA: ("2025-09-01", accepted),
            DETENTION: (271_484, [sound[DETENTION]]),
            MONTHLY_TABLES: ("2024-11-01", sound[MONTHLY_TABLES], 0),
        }

    def test_publishes_reason_and_name_of_each_decision(self, home: Path) -> None:
        reasons = ask(
            home, "select dataset, reason from meta.releases where reason like '% by Ada on %'"
        )
        assert {(dataset, reason.split()[0], reason[-8:]) for dataset, reason in reasons} == {
            (SOUTHWEST, "refused", "reason 0"),
            (BY_AREA, "accepted", "reason 2"),
            (DETENTION, "withdrawn", "reason 4"),
        }

    def test_holds_the_release_that_fails_a_gate_and_publishes_the_others(
        self, home: Path, said: dict[str, str]
    ) -> None:
        assert (
            "1 release is held, 1 is held in part: see `borderledger releases --problems`"
            in said["nightly"].splitlines()
        )  # the one that a person has refused waits for nobody
        assert "A gate held " in said["nightly's warnings"]
        assert ask(home, "select count(*) from fct_encounters_by_state") == [(0,)]
        [(dataset, reason)] = ask(
            home, "select dataset, reason from meta.releases where verdict = 'held'"
        )
        assert dataset == BY_STATE
        assert "held by a gate: main.fct_encounters_by_state" in reason
        problem = problems(home)[BY_STATE]
        assert problem["held_by_gate"]["rows"] > 0

    def test_stops_at_the_gate_once_a_person_insists(self, home: Path, tmp_path: Path) -> None:
        home = copy_home(home, tmp_path / "home")
        quiet = run_command(home, "nightly")
        assert "Nothing is new since build" in quiet.stdout
        sealed = sealed_builds(home)
        run_command(home, "accept", waiting(home)[BY_STATE], "--reason", "a test", "--by", "Ada")
        stopped = run_command(home, "nightly", expect=1)
        assert "A gate refused the run; the published file is unchanged." in stopped.stderr
        assert sealed_builds(home) == sealed


@pytest.mark.long
class TestATableThatMovedTooFar:
    """OHSS's workbooks of April and July 2024; in the latter one breakdown is altered. They are
    reviewed as every night, and make the facts without a run: the bad night has one with a table
    that waits."""

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
            run_command(home, "fetch", landing=folder)

        return once("held-in-part", fill)

    @pytest.fixture(scope="class")
    def warehouse(self, home: Path, empty_build: Path) -> Warehouse:
        """The raw tables and facts of that home."""
        archive, datasets = Archive(Settings(home).archive), tuple(load_catalogue())
        warehouse = Warehouse(empty_build / "compiled.json", datasets, DEPORTATIONS)
        warehouse.load_reviewed(archive, review(archive), datasets)
        warehouse.build_filled(revisions=False)
        return warehouse

    def test_waits_alone(self, home: Path, warehouse: Warehouse) -> None:
        [problem] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
        assert problem["verdict"] == "accepted"
        assert problem["held_tables"] == ["removals_by_arresting_agency"]
        assert set(problem["checks"]) >= {"totals_stay"}
        status = json.loads(run_command(home, "status", "--json").stdout)
        assert (status["held"], status["held_in_part"], status["refused"]) == (0, 1, 0)
        query = "select distinct held_tables from meta.releases where held_tables <> ''"
        assert warehouse.ask(query) == [("removals_by_arresting_agency",)]

    def test_keeps_the_figures_of_the_release_before(self, warehouse: Warehouse) -> None:
        newest = "select max(period_start)::text, max(release_id) from "
        [(last, release)] = warehouse.ask(
            f"{newest} fct_deportations_by_arresting_agency where action = 'removal'"
        )
        [(file_name,)] = warehouse.ask(
            f"select file_name from meta.releases where release_id = '{release}'"
        )
        assert (last, APRIL in file_name) == ("2024-04-01", True)

    @pytest.mark.parametrize("table", ["fct_deportations", *OTHER_DEPORTATIONS])
    def test_does_not_withhold_the_others(self, warehouse: Warehouse, table: str) -> None:
        query = f"select max(period_start)::text from {table} where action = 'removal'"
        assert warehouse.ask(f"{query} and agency = 'DHS'") == [("2024-07-01",)]

    def test_counts_once_a_person_accepts_it(self, home: Path, tmp_path: Path) -> None:
        home = copy_home(home, tmp_path / "home")
        [problem] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
        release = problem["release_id"]
        run_command(home, "accept", release, "--reason", "OHSS has explained it", "--by", "Ada")
        assert json.loads(run_command(home, "releases", "--problems", "--json").stdout) == []
        run_command(home, "refuse", release, "--reason", "it was an error", "--by", "Ada")
        assert json.loads(run_command(home, "releases", "--problems", "--json").stdout) == []
        [refused] = json.loads(run_command(home, "releases", release, "--json").stdout)
        assert refused["verdict"] == "refused"


def verdicts(home: Path) -> set[tuple[str, str, str, str]]:
    """Dataset, month of publication, verdict and held tables of each release that the bundle does
    not have, as published."""
    datasets = (SOUTHWEST, BY_AREA, BY_STATE, DETENTION, MONTHLY_TABLES)
    query = (
        "select dataset, strftime(published_on, '%Y-%m'), verdict, coalesce(held_tables, '')"
        f" from meta.releases where dataset in {datasets}"
    )
    return set(ask(home, query))


def sound_releases(home: Path) -> dict[str, str]:
    """By dataset, the accepted release that was published first."""
    return dict(
        ask(
            home,
            "select dataset, min_by(release_id, published_on) from meta.releases"
            " where verdict = 'accepted' group by dataset",
        )
    )


def problems(home: Path) -> dict[str, dict[str, Any]]:
    """By dataset, the releases that `borderledger releases --problems` lists."""
    listed = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
    return {release["dataset"]: release for release in listed}


def waiting(home: Path) -> dict[str, str]:
    """By dataset, the ids of the releases to decide on."""
    return {dataset: release["release_id"] for dataset, release in problems(home).items()}


def blocks(printed: str) -> list[str]:
    """The command's blocks of lines, one for each release."""
    return re.split(r"\n(?=\S)", printed)


def moved_lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if " -> " in line]


def sealed_builds(home: Path) -> list[str]:
    return [build.build_id for build in all_builds(Settings(home).builds) if build.is_sealed]


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
