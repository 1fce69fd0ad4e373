"""Builds: sealed only if every declared check ran and passed, and read-only from then on."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import all_builds, builds_of_run, open_build
from orchestration.builds.gate_results import GateResult
from orchestration.builds.publishing import latest_like, publish
from orchestration.builds.sealing import SealError, content_digests, seal
from orchestration.settings import Settings
from tests.support.builds import DECLARED, filled_build, gate_result, sealed_build


def test_a_sealed_build_has_provenance_and_is_read_only(settings: Settings) -> None:
    build = sealed_build(settings, "run-one-")
    assert build.is_sealed
    assert build.database.stat().st_mode & 0o222 == 0
    with duckdb.connect(str(build.database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
    written = ["meta.builds", "meta.columns", "meta.gate_results", "meta.tables"]
    assert [table for (table,) in tables] == ["main.t", *written]


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([], "did not run"),
        ([gate_result(status="failed")], "failed critical checks"),
        ([gate_result(check="another")], "did not run"),
    ],
)
def test_a_build_is_not_sealed_unless_every_declared_check_ran_and_passed(
    results: list[GateResult], message: str, settings: Settings
) -> None:
    build = filled_build(settings, "run-one-")
    (build.folder / "gates.json").unlink()
    build.add_gate_results(results)
    with pytest.raises(SealError, match=message):
        seal(build, 1, DECLARED)
    assert not build.is_sealed


def test_a_build_whose_results_cannot_be_read_is_not_sealed(settings: Settings) -> None:
    build = filled_build(settings, "run-one-")
    (build.folder / "gates.json").write_text("[{torn")
    with pytest.raises(SealError, match="did not run"):
        seal(build, 1, DECLARED)
    assert not build.is_sealed


def test_a_build_with_a_table_without_a_suite_is_not_sealed(settings: Settings) -> None:
    build = filled_build(settings, "run-one-")
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("create view main.bare as from main.t")
    with pytest.raises(SealError, match=r"without a suite in expectations/: main\.bare$"):
        seal(build, 1, DECLARED)
    assert not build.is_sealed


def test_builds_stay_in_the_order_of_their_start_when_the_clock_is_set_back(
    settings: Settings,
) -> None:
    ahead = settings.builds / "20990101T000000Z-run-one-"
    sealed_build(settings, "run-one-").folder.rename(ahead)
    later = sealed_build(settings, "run-two-", rows=5)
    assert [build.folder for build in all_builds(settings.builds)] == [ahead, later.folder]
    assert later.build_id == "20990101T000001Z-run-two-"


def test_a_failed_warning_is_counted_and_does_not_prevent_sealing(settings: Settings) -> None:
    build = filled_build(settings, "run-one-")
    build.add_gate_results([gate_result(check="usual", severity="warning", status="failed")])
    record = seal(build, 1, [*DECLARED, ("main.t", "usual")])
    assert (record.checks, record.warnings) == (2, 1)


def test_the_next_run_deletes_unsealed_builds_and_keeps_sealed_ones(settings: Settings) -> None:
    kept = sealed_build(settings, "run-one-")
    killed = filled_build(settings, "run-two-")
    opened = open_build(settings.builds, "run-three", kept.made_of)
    assert [b.folder for b in all_builds(settings.builds)] == [kept.folder, opened.folder]
    assert not killed.folder.exists()
    assert builds_of_run("run-three", settings.builds) == [opened]
    assert builds_of_run("run-four", settings.builds) == []


def test_a_link_below_the_builds_stops_no_run_and_is_not_followed(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "inner").mkdir(parents=True)
    settings.builds.mkdir(parents=True)
    link = settings.builds / "20250101T000000Z-aaaaaaaa"
    link.symlink_to(elsewhere)
    opened = filled_build(settings, "run-one-")
    assert all_builds(settings.builds) == [opened]
    assert not link.is_symlink()
    assert (elsewhere / "inner").is_dir()


def test_a_folder_without_the_name_of_a_build_is_left_alone(settings: Settings) -> None:
    names = (
        "notes",
        ".snapshot",
        "20250101T000000Z",
        "20250101T000000Z-aaaaaaaa.bak",
        "zz-aaaaaaaa",
    )
    folders = [settings.builds / name for name in names]
    for folder in folders:
        folder.mkdir(parents=True)
    build = sealed_build(settings, "run-one-")
    for number in range(3):
        publish(sealed_build(settings, f"run-{number}--", 4), settings)
    assert [folder for folder in folders if not folder.is_dir()] == []
    assert {found.folder for found in all_builds(settings.builds)}.isdisjoint(folders)
    assert not build.folder.exists(), "only the last builds are kept"


def test_a_check_that_runs_again_replaces_its_earlier_result(settings: Settings) -> None:
    build = filled_build(settings, "run-one-")
    before = len(build.gate_results)
    again = build.gate_results[0].model_copy(update={"status": "failed"})
    build.add_gate_results([again])
    assert len(build.gate_results) == before
    assert again in build.gate_results


def test_a_sealed_build_has_the_fingerprint_with_which_it_was_opened(settings: Settings) -> None:
    build = filled_build(settings, "run-one-")
    opened_with = build.made_of.digest
    assert seal(build, 1, DECLARED).fingerprint == opened_with
    assert latest_like(opened_with, settings) is not None


def test_a_digest_depends_on_the_rows_and_not_on_their_order() -> None:
    digests = []
    for rows in ("1, 'a'), (2, null", "2, null), (1, 'a'", "1, 'a'), (2, ''", "1, 'a'), (1, 'a'"):
        with duckdb.connect() as connection:
            connection.execute("create schema raw")
            connection.execute(f"create table t as select * from (values ({rows})) v(i, s)")
            digests.append(content_digests(connection)[0]["digest"])
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
