"""The whole job as its users run it: the published figures, the published file, failed gates."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.conftest import copy_project, run_command, start_python
from tests.support.published_file import SOUTHWEST_BY_FISCAL_YEAR, ask

# the command within a process whose surroundings stay as they are
CALL = "from orchestration.cli.main import main; main(sys.argv[1:])"


class TestFigures:
    """Published figures equal the agencies' own, from the bundle and from the full files."""

    @pytest.mark.parametrize("table", ["fct_southwest_encounters", "southwest_border_monthly"])
    def test_southwest_by_fiscal_year(self, any_home: Path, table: str) -> None:
        figure = "total" if table == "southwest_border_monthly" else "encounters"
        totals = ask(
            any_home,
            f"select fiscal_year, sum({figure}) from {table} where fiscal_year between 2019"
            " and 2024 group by fiscal_year",
        )
        assert dict(totals) == SOUTHWEST_BY_FISCAL_YEAR

    def test_years_are_whole_or_marked_as_partial(self, any_home: Path) -> None:
        years = ask(
            any_home,
            "select fiscal_year, encounters, is_partial, months_covered"
            " from southwest_border_by_fiscal_year where series = 'total' and fiscal_year >= 2019",
        )
        whole = {year: encounters for year, encounters, is_partial, _ in years if not is_partial}
        assert SOUTHWEST_BY_FISCAL_YEAR.items() <= whole.items()
        assert all(months == 12 for year, _, _, months in years if year in whole)
        assert {year for year, *_ in years} - set(whole) == {2025}

    def test_a_year_to_date_stands_beside_the_same_months_of_the_year_before(
        self, bundle_home: Path
    ) -> None:
        [(encounters, before, change)] = ask(
            bundle_home,
            "select encounters, same_months_year_before, change_percent"
            " from southwest_border_by_fiscal_year where series = 'total' and is_partial"
            " and fiscal_year = 2025",
        )
        assert (encounters, before, change) == (200_525, 483_326, -58.5)

    @pytest.mark.parametrize(
        ("month", "column", "figure"),
        [
            ("2019-05-01", "total", 144_116),
            ("2019-08-01", "total", 62_707),
            ("2024-05-01", "between_ports", 117_905),
            ("2024-10-01", "between_ports", 56_526),
            ("2024-11-01", "between_ports", 46_612),
            ("2024-11-01", "at_ports", 47_578),
            ("2024-11-01", "at_large", 1_095),
        ],
    )
    def test_headline_of_a_month(
        self, any_home: Path, month: str, column: str, figure: int
    ) -> None:
        query = f"select {column} from southwest_border_monthly where month = '{month}'"
        assert ask(any_home, query) == [(figure,)]

    def test_november_2024_is_the_lowest_since_july_2020(self, any_home: Path) -> None:
        query = (
            "select strftime(between_ports_lowest_since, '%Y-%m') from southwest_border_monthly"
            " where month = '2024-11-01'"
        )
        assert ask(any_home, query) == [("2020-07",)]

    def test_san_diego_sector(self, any_home: Path) -> None:
        query = (
            "select sum(encounters) from fct_encounters where month between '2023-09-01' and"
            " '2024-05-01' and area_of_responsibility = 'San Diego Sector'"
        )
        assert ask(any_home, query) == [(281_951,)]

    def test_repatriations_of_ten_months(self, any_home: Path) -> None:
        actions = ask(
            any_home,
            "select action, sum(people) from fct_deportations where agency = 'DHS'"
            " and period_start between '2023-10-01' and '2024-07-31' group by action",
        )
        assert dict(actions) == {
            "removal": 283_320,
            "enforcement return": 314_140,
            "administrative return": 77_430,
        }
        summed = ask(
            any_home,
            "select measure, people, is_partial, period_end from deportations_by_fiscal_year"
            " where fiscal_year = 2024 and measure like 'all title 8 repatriations'",
        )
        assert summed == [("all title 8 repatriations", 674_890, True, date(2024, 7, 31))]

    def test_ice_removals_by_fiscal_year(self, any_home: Path) -> None:
        years = ask(
            any_home,
            "select fiscal_year, people, is_partial, period_end from fct_deportations"
            " where agency = 'ICE' and action = 'removal' order by 1",
        )
        newer = "select distinct true from dim_release where file_name like 'FY25_detention%'"
        of_2025 = [(2025, 76_939, True, date(2025, 1, 11)) for _ in ask(any_home, newer)]
        assert [year for year in years if year[0] > 2022] == [
            (2023, 142_580, False, date(2023, 9, 30)),
            (2024, 271_484, False, date(2024, 9, 30)),
            *of_2025,
            (2026, 144_378, True, date(2026, 1, 25)),
        ]
        partial = [year for year, _, is_partial, _ in years if is_partial]
        assert partial == [2021, 2022, *(year for year, *_ in of_2025), 2026]

    def test_border_patrol_figures_of_ohss(self, any_home: Path) -> None:
        assert ask(
            any_home,
            "select encounters from fct_border_patrol_by_region"
            " where month = '2024-11-01' and land_border_region = 'Southwest Land Border'",
        ) == [(46_610,)]
        assert ask(
            any_home,
            "select count(distinct month), min(month), max(month) from fct_border_patrol_by_sector"
            " where sector = 'San Diego Sector'",
        ) == [(302, date(1999, 10, 1), date(2024, 11, 1))]
        assert ask(
            any_home,
            "select month, difference from border_patrol_comparison where agreement = 'declared'"
            " order by 1",
        ) == [(date(2020, 6, 1), -16), (date(2020, 7, 1), 24), (date(2020, 9, 1), 9)]

    def test_differing_statements_are_kept_side_by_side(self, any_home: Path) -> None:
        statements = ask(
            any_home,
            "select stated_on, qualifier, people from fct_street_releases"
            " where stated_on between '2023-09-23' and '2023-09-24' order by 1",
        )
        assert statements == [
            (date(2023, 9, 23), "over", 5000),
            (date(2023, 9, 24), "nearly", 7000),
        ]
        assert ask(any_home, "select count(*) from fct_street_releases") == [(46,)]
        assert ask(
            any_home,
            "select sector_encounters, lowest_cumulative_claim, highest_cumulative_claim"
            " from san_diego_local_impact where month = '2024-05-01'",
        ) == [(32_505, 125_000, 154_000)]

    def test_deportations_by_citizenship_take_a_whole_series_from_one_release(
        self, real_home: Path
    ) -> None:
        assert ask(
            real_home,
            "select citizenship, people from fct_deportations_by_citizenship where agency = 'DHS'"
            " and action = 'removal' and period_start = '2024-07-01' order by people desc limit 2",
        ) == [("MEXICO", 12_200), ("GUATEMALA", 4_180)]
        series = ask(
            real_home,
            "select agency, action, count(distinct release_id) from fct_deportations_by_citizenship"
            " group by all",
        )
        assert [releases for _, _, releases in series] == [1, 1, 1, 1]

    def test_nationwide_fiscal_year_2024(self, real_home: Path) -> None:
        query = "select sum(encounters) from fct_encounters where fiscal_year = 2024"
        assert ask(real_home, query) == [(2_901_142,)]

    def test_by_state_october_2023_now_and_in_the_previous_release(self, real_home: Path) -> None:
        current = "select sum(encounters) from fct_encounters_by_state where month = '2023-10-01'"
        assert ask(real_home, current) == [(309_137,)]
        before = (
            "select sum(cell.encounters) from fct_encounters_by_state_by_release as cell"
            " inner join dim_release as release using (release_id)"
            " where month = '2023-10-01' and published_on = '2023-11-14'"
        )
        assert ask(real_home, before) == [(309_221,)]

    def test_full_files_take_precedence_over_bundled_sums_of_the_same_publication(
        self, real_home: Path
    ) -> None:
        query = (
            "select distinct release.dataset from fct_southwest_encounters as cell"
            " inner join dim_release as release using (release_id) where fiscal_year >= 2019"
        )
        assert ask(real_home, query) == [("cbp_southwest_encounters",)]


class TestPublishedFile:
    """The contract with analysts: schemas, comments, keys, provenance."""

    def test_it_has_exactly_the_documented_schemas(self, any_home: Path) -> None:
        query = "select distinct table_schema from information_schema.tables order by all"
        assert ask(any_home, query) == [("main",), ("meta",), ("raw",)]

    def test_every_table_and_column_has_a_comment(self, any_home: Path) -> None:
        without_comment = ask(
            any_home,
            "select table_name from duckdb_tables() where coalesce(comment, '') = '' union all"
            " select view_name from duckdb_views() where not internal"
            " and coalesce(comment, '') = '' union all"
            " select table_name || '.' || column_name from duckdb_columns()"
            " where not internal and coalesce(comment, '') = ''",
        )
        assert without_comment == []

    def test_counts_are_bigint_and_months_are_dates(self, bundle_home: Path) -> None:
        types = ask(
            bundle_home,
            "select column_name, data_type from information_schema.columns"
            " where table_schema = 'main' and column_name in"
            " ('encounters', 'between_ports', 'at_ports', 'total', 'at_large', 'month')",
        )
        assert dict(types) == {
            "encounters": "BIGINT",
            "between_ports": "BIGINT",
            "at_ports": "BIGINT",
            "total": "BIGINT",
            "at_large": "BIGINT",
            "month": "DATE",
        }

    def test_every_published_table_of_main_has_a_suite_that_ran(self, real_home: Path) -> None:
        unchecked = ask(
            real_home,
            "select table_name from information_schema.tables where table_schema = 'main' and"
            " 'main.' || table_name not in"
            " (select \"table\" from meta.gate_results where status = 'passed')",
        )
        assert unchecked == []

    def test_meta_records_code_releases_and_checks(self, any_home: Path) -> None:
        assert ask(any_home, "select count(*) from meta.builds where length(code_digest) = 64") == [
            (1,)
        ]
        assert ask(any_home, "select count(*) from meta.gate_results where status = 'failed'") == [
            (0,)
        ]
        assert ask(any_home, "select count(*) from meta.rejected_rows") == [(0,)]
        rows = ask(any_home, "select rows from meta.tables where table_name = 'fct_encounters'")
        assert rows == ask(any_home, "select count(*) from fct_encounters")

    def test_it_works_under_another_name(self, bundle_home: Path, tmp_path: Path) -> None:
        copy = shutil.copyfile(bundle_home / "border.duckdb", tmp_path / "mine.duckdb")
        query = "select sum(encounters) from fct_encounters"
        with duckdb.connect(str(copy), read_only=True) as connection:
            opened = connection.execute(query).fetchall()
        with duckdb.connect() as connection:
            connection.execute(f"attach '{copy}' as b (read_only)")
            attached = connection.execute(query.replace("from ", "from b.")).fetchall()
        assert opened == attached == ask(bundle_home, query)

    def test_the_file_is_read_only_and_closed(self, bundle_home: Path) -> None:
        assert (bundle_home / "border.duckdb").stat().st_mode & 0o222 == 0
        assert not (bundle_home / "border.duckdb.wal").exists()

    def test_the_headline_months_have_no_gaps(self, any_home: Path) -> None:
        query = (
            "select count(*) - 1 - date_diff('month', min(month), max(month))"
            " from southwest_border_monthly"
        )
        assert ask(any_home, query) == [(0,)]


def test_a_run_with_nothing_new_says_so_and_stops(own_home: Path) -> None:
    before = (own_home / "border.duckdb").read_bytes()
    done = run_command(own_home, "nightly")
    assert "Nothing is new" in done.stdout
    assert (own_home / "border.duckdb").read_bytes() == before
    assert len(json.loads(run_command(own_home, "builds", "--json").stdout)) == 1


def test_a_run_with_nothing_new_does_without_the_libraries_that_take_seconds_to_import(
    own_home: Path,
) -> None:
    without = "".join(f"sys.modules[{name!r}] = None;" for name in ("dbt", "great_expectations"))
    environment = os.environ | {"BORDERLEDGER_HOME": str(own_home), "BORDERLEDGER_OFFLINE": "1"}
    done = start_python(["-X", "utf8", "-c", f"import sys;{without}{CALL}", "nightly"], environment)
    assert "Nothing is new" in done.stdout, done.stderr
    assert done.returncode == 0


# it names no release, so that none can be held for it
RULE_THAT_FAILS = """
  - type: unexpected_rows_expectation
    name: october_is_missing
    kwargs:
      unexpected_rows_query: select month, total from {batch} where month = '2023-10'
    notes: "A rule that fails."
"""


@pytest.mark.long
def test_a_failed_gate_stops_the_run_and_leaves_the_published_file(
    own_home: Path, tmp_path: Path
) -> None:
    project = copy_project(tmp_path / "project")
    suite = project / "expectations" / "raw.cbp_at_large_split.yaml"
    suite.write_text(suite.read_text() + RULE_THAT_FAILS)
    before = (own_home / "border.duckdb").read_bytes()

    done = run_command(own_home, "nightly", project=project, expect=1)

    assert (own_home / "border.duckdb").read_bytes() == before
    assert "raw.cbp_at_large_split" in done.stderr
    assert '"month": "2023-10"' in done.stderr  # the failing row itself, not only a count
    results = json.loads(run_command(own_home, "gates", "--json").stdout)
    failed = [r for r in results if r["status"] == "failed" and r["severity"] == "critical"]
    assert [(r["table"], r["check"]) for r in failed] == [
        ("raw.cbp_at_large_split", "october_is_missing")
    ]
    assert {r["stage"] for r in results} == {"raw"}  # nothing ran after the failed gate
