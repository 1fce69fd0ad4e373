"""Builds: sealed only when every check ran, published by one rename, kept for rollback."""

from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import (
    Build,
    SealError,
    all_builds,
    build_of_run,
    content_digests,
    open_build,
    seal,
)
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.gate_results import GateResult
from orchestration.builds.lock import Busy, exclusive
from orchestration.builds.publishing import (
    PublishError,
    latest_like,
    publish,
    published_build,
    roll_back,
)
from orchestration.builds.verification import verify
from orchestration.settings import Limits, Settings

DECLARED = [("main.t", "grain_is_unique")]


def result(**changes: object) -> GateResult:
    return GateResult.model_validate(
        {
            "stage": "facts",
            "table": "main.t",
            "check": "grain_is_unique",
            "expectation": "expect_column_values_to_be_unique",
            "severity": "critical",
            "status": "passed",
            "notes": "made for a test",
        }
        | changes
    )


def filled(settings: Settings, run: str, rows: int = 3) -> Build:
    """An open build with one small table and a passed check."""
    build = open_build(settings.builds, run, Fingerprint("archive", f"code {rows}", "libraries"))
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("create schema raw; create schema meta; create schema staging")
        connection.execute(f"create table main.t as select range as i from range({rows})")
        connection.execute("create table staging.s as select 1 as i")
    build.add_gate_results([result()])
    return build


def sealed(settings: Settings, run: str, rows: int = 3) -> Build:
    build = filled(settings, run, rows)
    seal(build, 1, DECLARED)
    return build


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", limits=Limits(builds_kept=2))


def test_a_sealed_build_has_provenance_and_is_read_only(settings: Settings) -> None:
    build = sealed(settings, "run-one-")
    assert build.is_sealed
    assert build.database.stat().st_mode & 0o222 == 0
    with duckdb.connect(str(build.database), read_only=True) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
    assert tables == [("main.t",), ("meta.builds",), ("meta.gate_results",), ("meta.tables",)]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], "did not run"),
        ([result(status="failed")], "failed critical checks"),
        ([result(check="another")], "did not run"),
    ],
)
def test_a_build_is_not_sealed_unless_every_declared_check_ran_and_passed(
    found: list[GateResult], told: str, settings: Settings
) -> None:
    build = filled(settings, "run-one-")
    (build.folder / "gates.json").unlink()
    build.add_gate_results(found)
    with pytest.raises(SealError, match=told):
        seal(build, 1, DECLARED)
    assert not build.is_sealed


def test_a_build_with_a_table_that_no_suite_covers_is_not_sealed(settings: Settings) -> None:
    build = filled(settings, "run-one-")
    with duckdb.connect(str(build.database)) as connection:
        connection.execute("create view main.bare as from main.t")
    with pytest.raises(SealError, match=r"without a suite in expectations/: main\.bare$"):
        seal(build, 1, DECLARED)
    assert not build.is_sealed


def test_builds_stay_in_the_order_in_which_they_were_begun_when_the_clock_is_set_back(
    settings: Settings,
) -> None:
    ahead = settings.builds / "20990101T000000Z-run-one-"
    sealed(settings, "run-one-").folder.rename(ahead)
    later = sealed(settings, "run-two-", rows=5)
    assert [build.folder for build in all_builds(settings.builds)] == [ahead, later.folder]
    assert later.build_id == "20990101T000001Z-run-two-"


def test_a_build_whose_file_was_damaged_is_told_and_not_taken_for_what_it_was(
    settings: Settings,
) -> None:
    build = sealed(settings, "run-one-")
    publish(build, settings)
    assert latest_like(build.record.fingerprint, settings) == build
    build.database.chmod(0o644)
    with build.database.open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    problems = {found.kind: found.problem for found in verify(settings)}
    assert str(build.database) in str(problems["build"])
    assert str(settings.published) in str(problems["published file"])
    assert latest_like(build.record.fingerprint, settings) is None
    with pytest.raises(PublishError, match="expected"):
        publish(build, settings)
    publish(sealed(settings, "run-two-", rows=5), settings)
    assert not build.folder.exists(), "what was damaged goes once another one stands"
    assert [found.problem for found in verify(settings)] == [None, None]


def test_a_failed_warning_is_no_hindrance_and_is_counted(settings: Settings) -> None:
    build = filled(settings, "run-one-")
    build.add_gate_results([result(check="usual", severity="warning", status="failed")])
    record = seal(build, 1, [*DECLARED, ("main.t", "usual")])
    assert (record.checks, record.warnings) == (2, 1)


def test_publishing_replaces_the_file_and_keeps_the_last_builds(settings: Settings) -> None:
    builds = []
    for n in range(4):
        builds.append(sealed(settings, f"run-{n}---", rows=n + 1))
        publish(builds[-1], settings)
    current = published_build(settings)
    assert current is not None
    assert current.folder == builds[-1].folder
    assert [build.folder for build in all_builds(settings.builds)] == [
        build.folder for build in builds[-2:]
    ]


def test_rollback_publishes_an_earlier_build_which_is_then_never_pruned(
    settings: Settings,
) -> None:
    first, second = sealed(settings, "run-1---", 1), sealed(settings, "run-2---", 2)
    publish(second, settings)
    roll_back(first.build_id, settings)
    current = published_build(settings)
    assert current is not None
    assert current.folder == first.folder
    with pytest.raises(PublishError, match=f"expected one of: {first.build_id}"):
        roll_back("nonsense", settings)


def test_a_build_whose_bytes_changed_is_not_published(settings: Settings) -> None:
    build = sealed(settings, "run-one-")
    build.database.chmod(0o644)
    with build.database.open("r+b") as file:
        file.seek(5000)
        file.write(b"tampered")
    with pytest.raises(PublishError, match="expected"):
        publish(build, settings)
    assert not settings.published.exists()


def test_the_next_run_clears_what_a_killed_one_left_and_keeps_what_is_sealed(
    settings: Settings,
) -> None:
    kept = sealed(settings, "run-one-")
    killed = filled(settings, "run-two-")
    opened = open_build(settings.builds, "run-three", kept.made_of)
    assert [b.folder for b in all_builds(settings.builds)] == [kept.folder, opened.folder]
    assert not killed.folder.exists()
    assert build_of_run(settings, "run-three").folder == opened.folder
    with pytest.raises(FileNotFoundError, match="no build of run"):
        build_of_run(settings, "run-four")


def test_a_build_is_found_by_what_it_is_made_of(settings: Settings) -> None:
    build = sealed(settings, "run-one-")
    alike = latest_like(build.record.fingerprint, settings)
    assert alike is not None
    assert alike.folder == build.folder
    assert latest_like("another", settings) is None


def test_a_sealed_build_is_known_by_what_it_was_opened_with(settings: Settings) -> None:
    build = filled(settings, "run-one-")
    opened_with = build.made_of.digest
    assert seal(build, 1, DECLARED).fingerprint == opened_with
    assert latest_like(opened_with, settings) is not None


def test_a_digest_tells_content_apart_and_not_the_order_of_rows() -> None:
    digests = []
    for rows in ("1, 'a'), (2, null", "2, null), (1, 'a'", "1, 'a'), (2, ''", "1, 'a'), (1, 'a'"):
        with duckdb.connect() as connection:
            connection.execute("create schema raw")
            connection.execute(f"create table t as select * from (values ({rows})) v(i, s)")
            digests.append(content_digests(connection)[0]["digest"])
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_one_run_at_a_time_and_the_lock_is_free_afterwards(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(Busy, match="another run"), exclusive(tmp_path):
        pass
    with exclusive(tmp_path):
        pass
