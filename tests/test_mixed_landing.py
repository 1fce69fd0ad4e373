"""A landing folder with one good file among five that cannot be used, and a release that a
person has let in."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.asking import SOUTHWEST_BY_FISCAL_YEAR, ask
from tests.conftest import copy_home, copy_project, run_command
from tests.made_landing import ICE, southwest_file, write_ice_case, write_landing

REASON = "ICE says that it counts anew"


@pytest.fixture(scope="module")
def mixed_landing(
    bundle_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home whose landing folder held one good file among five that cannot be used, while
    the project had got one claim more, on a month of that file; and a release of ICE that
    would be held, had nobody let it in."""
    home = copy_home(bundle_home, tmp_path_factory.mktemp("mixed") / "home")
    for workbook in write_ice_case(tmp_path_factory.mktemp("ice")):
        run_command(
            home, "add", str(workbook), "--dataset", ICE, "--published-on", workbook.parent.name
        )
    held = [release for release in _releases(home) if release["verdict"] == "held"]
    assert [release["file_name"] for release in held] == ["FY24_detentionStats06272025.xlsx"]
    run_command(home, "accept", held[0]["release_id"], "--reason", REASON, "--by", "an analyst")
    good = southwest_file("2024-10", "2025-01", minors="UAC")
    landing = write_landing(
        tmp_path_factory.mktemp("landing"),
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
    project = copy_project(tmp_path_factory.mktemp("project") / "project")
    with (project / "dbt_project" / "seeds" / "claims.csv").open("a") as seed:
        seed.write(
            "own-january,own,,2025-03-10,6130 between the ports in January 2025,"
            "USBP southwest encounters,2025-01,equals,6130,encounters,\n"
        )
    return home, run_command(home, "nightly", "--landing", str(landing), project=project)


class TestMixedLanding:
    def test_a_new_claim_is_a_new_row_and_no_code(self, mixed_landing: tuple[Path, Any]) -> None:
        home, _ = mixed_landing
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

    def test_the_good_release_is_published_and_newest(
        self, mixed_landing: tuple[Path, Any]
    ) -> None:
        home, _ = mixed_landing
        query = (
            "select release.file_name, month.total from southwest_border_monthly as month"
            " inner join dim_release as release on release.release_id = month.total_release_id"
            " where month.month = '2025-01-01'"
        )
        [(file_name, total)] = ask(home, query)
        assert file_name == "sbo-encounters-fy25-fy25-jan.csv"
        assert total > 0

    def test_the_others_are_refused_with_five_clear_reasons(
        self, mixed_landing: tuple[Path, Any]
    ) -> None:
        home, done = mixed_landing
        assert "same bytes as release" in done.stdout
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

    def test_a_renamed_demographic_goes_by_its_newest_name_everywhere(
        self, mixed_landing: tuple[Path, Any]
    ) -> None:
        home, _ = mixed_landing
        for table in ("fct_southwest_encounters", "fct_encounters", "dim_demographic"):
            names = {row[0] for row in ask(home, f"select distinct demographic from {table}")}
            assert "UAC" in names
            assert "UC / Single Minors" not in names

    def test_the_figures_of_closed_years_stay(self, mixed_landing: tuple[Path, Any]) -> None:
        home, _ = mixed_landing
        query = (
            "select fiscal_year, sum(encounters) from fct_southwest_encounters"
            " where fiscal_year between 2019 and 2024 group by all"
        )
        assert dict(ask(home, query)) == SOUTHWEST_BY_FISCAL_YEAR

    def test_the_figure_of_an_accepted_release_is_current(
        self, mixed_landing: tuple[Path, Any]
    ) -> None:
        home, _ = mixed_landing
        query = (
            "select people from deportations_by_fiscal_year"
            " where fiscal_year = 2024 and measure = 'ICE removals'"
        )
        assert ask(home, query) == [(109_535,)]
        query = "select kind, people_before, people_after from fct_deportation_revisions"
        assert ask(home, query) == [("revised", 271_484, 109_535)]

    def test_the_figure_of_any_day_before_it_stays(self, mixed_landing: tuple[Path, Any]) -> None:
        home, _ = mixed_landing
        query = (
            "select people from deportations_as_of('{}')"
            " where agency = 'ICE' and action = 'removal' and fiscal_year = 2024"
        )
        told = {day: ask(home, query.format(day)) for day in ("2025-06-26", "2025-06-27")}
        assert told == {"2025-06-26": [(271_484,)], "2025-06-27": [(109_535,)]}

    def test_the_decision_to_accept_is_told(self, mixed_landing: tuple[Path, Any]) -> None:
        home, _ = mixed_landing
        query = (
            "select verdict, decided_by, decision_reason from meta.releases"
            " where decided_by is not null"
        )
        assert ask(home, query) == [("accepted", "an analyst", REASON)]
        assert ask(home, "select count(*) from meta.held_cells") == [(0,)]


def _releases(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run_command(home, "releases", "--json").stdout)
    return found
