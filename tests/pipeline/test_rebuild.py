"""A build as of a day has the tables that the as-of macros return."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.conftest import run_command
from tests.pipeline.conftest import REBUILT_AS_OF as DAY
from tests.support.published_file import ask

MACROS = {
    "encounters_as_of": "fct_encounters",
    "encounters_by_state_as_of": "fct_encounters_by_state",
    "southwest_encounters_as_of": "fct_southwest_encounters",
    "southwest_border_monthly_as_of": "southwest_border_monthly",
    "deportations_as_of": "fct_deportations",
    "custody_outcomes_as_of": "fct_custody_outcomes",
    "custody_outcomes_by_family_status_as_of": "fct_custody_outcomes_by_family_status",
}
EMPTY = {  # the bundle has no release of these
    "encounters_by_state_as_of",
    "custody_outcomes_as_of",
    "custody_outcomes_by_family_status_as_of",
}


def test_a_rebuild_writes_a_separate_file_and_publishes_nothing(
    rebuilt_home: Path, bundle_home: Path
) -> None:
    published = "select build_id, as_of from meta.builds"
    assert ask(rebuilt_home, published) == ask(bundle_home, published)
    [rebuilt] = [build for build in _builds(rebuilt_home) if build["as_of"] is not None]
    assert (rebuilt["as_of"], rebuilt["published"]) == (DAY, False)
    with duckdb.connect(str(_rebuilt(rebuilt_home)), read_only=True) as connection:
        [(newest, later)] = connection.execute(
            "select max(published_on), count(*) filter (where published_on > as_of)"
            " from meta.releases, meta.builds"
        ).fetchall()
    assert str(newest) == "2023-11-30"
    assert later == 0


def test_a_rebuild_checks_the_operators_claims_by_what_had_been_published(
    rebuilt_home: Path,
) -> None:
    with duckdb.connect(str(_rebuilt(rebuilt_home)), read_only=True) as connection:
        found = connection.execute(
            "select verdict, value_now from claim_checks where claim_id = 'mine'"
        ).fetchall()
    assert found == [("undecided", None)]


@pytest.mark.parametrize("macro", MACROS)
def test_the_current_tables_of_a_rebuild_equal_the_as_of_macros(
    macro: str, rebuilt_home: Path
) -> None:
    with duckdb.connect(str(rebuilt_home / "border.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{_rebuilt(rebuilt_home)}' as rebuilt (read_only)")
        as_of, current = f"from {macro}('{DAY}')", f"from rebuilt.main.{MACROS[macro]}"
        differing = connection.execute(
            f"select count(*) from (({as_of} except all {current}) union all"
            f" ({current} except all {as_of}))"
        ).fetchall()
        [(rows,)] = connection.execute(f"select count(*) {current}").fetchall()
    assert differing == [(0,)]
    assert (rows == 0) == (macro in EMPTY)


def test_the_difference_of_two_builds_is_listed_by_table(rebuilt_home: Path) -> None:
    done = run_command(
        rebuilt_home, "diff", "published", _rebuilt(rebuilt_home).parent.name, "--json"
    )
    tables = {row["table"]: row for row in json.loads(done.stdout)}
    [(later,)] = ask(
        rebuilt_home,
        "select count(*) from raw.cbp_southwest_summary inner join dim_release using (release_id)"
        f" where dim_release.published_on > '{DAY}'",
    )
    summary = tables["raw.cbp_southwest_summary"]
    assert (summary["rows_added"], summary["rows_removed"]) == (0, later)
    assert summary["digest_before"] != summary["digest_after"]
    vocabulary = tables["raw.vocabulary"]
    assert vocabulary["digest_before"] == vocabulary["digest_after"]
    assert [vocabulary[f"rows_{name}"] for name in ("added", "removed", "changed")] == [0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("rebuild", "--as-of", "2001-01-01"), "no release published by 2001-01-01"),
        (("rebuild", "--as-of", "yesterday"), "expected a day such as"),
        (("diff", "published", "no-such-build"), "no sealed build 'no-such-build'"),
    ],
)
def test_an_impossible_day_or_build_is_a_usage_error(
    arguments: tuple[str, ...], message: str, bundle_home: Path
) -> None:
    assert message in run_command(bundle_home, *arguments, expect=2).stderr


def test_a_rebuild_a_night_and_a_fill_stop_if_the_archive_has_lost_releases(own_home: Path) -> None:
    lost = own_home / "archive" / "san_diego_street_releases"
    shutil.rmtree(lost)
    stopped = run_command(own_home, "rebuild", "--as-of", DAY, expect=3)
    assert "archive: found 1 release missing that the published file was made of" in stopped.stderr
    assert "dagster" not in stopped.stderr
    assert "san_diego_street_releases.csv" in stopped.stderr
    shutil.rmtree(own_home / "archive")
    stopped = run_command(own_home, "rebuild", "--as-of", DAY, expect=2)
    assert "releases missing that the published file was made of" in stopped.stderr
    assert not (own_home / "rebuilds").exists()
    for command in (["nightly"], ["fill", "--local", "1"]):
        stopped = run_command(own_home, *command, expect=2)
        assert "archive: found no release, expected those that the published file" in stopped.stderr
    assert not (own_home / "archive").exists()


def _builds(home: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run_command(home, "builds", "--json").stdout)
    return found


def _rebuilt(home: Path) -> Path:
    [folder] = (home / "rebuilds").iterdir()
    return folder / "border.duckdb"
