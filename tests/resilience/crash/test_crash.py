"""The checks of a home after a kill find the damage that they look for; messages for failed
writes. `tests/resilience/test_second_night.py` and `python -m tests.resilience.crash` kill runs.
"""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from orchestration.builds.build import Build
from orchestration.builds.publishing import latest_like, publish, published_build, roll_back
from orchestration.cli import runs
from orchestration.cli.main import main
from orchestration.cli.options import FAILED
from orchestration.durable import WriteError, replace, write_failure
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.resilience.crash.__main__ import IN_A_ROW, RANDOM, CrashTest
from tests.resilience.crash.kills import (
    BOUNDARIES,
    problems_after_kill,
    problems_after_run,
    state_of,
)
from tests.resilience.crash.new_releases import AT_MOST, new_release

NEVER_PUBLISHED = "20990101T000000Z-sealed--"


@pytest.fixture
def settings(own_home: Path) -> Settings:
    return Settings(home=own_home)


def found_after(change: str, settings: Settings) -> list[str]:
    """The problems found after a kill that did this damage."""
    before = state_of(settings)
    archive = Archive(settings.archive)
    release = next(r for r in archive.releases() if r.verdict == "accepted")
    if change == "published file":
        settings.published.unlink()
        settings.published.write_bytes(b"half a file")
    elif change == "release":
        shutil.rmtree(archive.folder_of(release))
    elif change == "record":
        (archive.folder_of(release) / "record.json").unlink()
    elif change == "bytes":
        (archive.folder_of(release) / release.bytes_name).write_bytes(b"half a file")
    elif change == "another release":
        candidate = release.model_copy(update={"release_id": "0" * 16, "dataset": "ice"})
        archive.store(candidate, archive.bytes_of(release), None)
    return [problem.what for problem in problems_after_kill(before, [], settings)]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("published file", "published file broken"),
        ("release", "release lost"),
        ("record", "archive not verified"),
        ("bytes", "archive not verified"),
        ("another release", "archive not verified"),
    ],
)
def test_damage_by_a_kill_is_found(change: str, what: str, settings: Settings) -> None:
    assert what in found_after(change, settings)


def test_a_kill_without_damage_is_no_problem(settings: Settings) -> None:
    assert found_after("nothing", settings) == []


def test_a_release_that_the_next_run_does_not_publish_counts_as_lost(settings: Settings) -> None:
    def found(exit_code: int) -> list[str]:
        done = subprocess.CompletedProcess([], exit_code, "said")
        return [p.what for p in problems_after_run(done, [new_release(0)], settings)]

    assert found(0) == ["release lost"]
    assert found(3) == ["next run failed"]


def test_a_seed_determines_the_moments_which_include_every_boundary(
    tmp_path: Path,
) -> None:
    plans = [CrashTest(tmp_path, seed=7)._plan(51) for _ in range(2)]
    assert plans[0] == plans[1] != CrashTest(tmp_path, seed=8)._plan(51)
    kinds = Counter(moment.kind for moment in plans[0])
    assert kinds.pop(RANDOM) == 51 - len(BOUNDARIES)
    assert kinds == Counter(moment.kind for moment in BOUNDARIES)
    assert {CrashTest(tmp_path, seed)._kills_in_a_row() for seed in range(30)} == set(
        range(1, IN_A_ROW + 1)
    )


def test_every_new_release_is_distinct_and_newer() -> None:
    releases = [new_release(number) for number in range(AT_MOST)]
    assert len({release.release_id for release in releases}) == AT_MOST
    dates = [release.name.partition("/")[0] for release in releases]
    assert dates == sorted(set(dates))


def test_a_build_whose_run_was_killed_before_publishing_is_not_reused(
    settings: Settings,
) -> None:
    current = published_build(settings)
    assert current is not None
    sealed = Build(settings.builds / NEVER_PUBLISHED)
    shutil.copytree(current.folder, sealed.folder)
    record = current.record.model_copy(update={"build_id": NEVER_PUBLISHED, "fingerprint": "new"})
    (sealed.folder / "build.json").write_text(record.model_dump_json())
    assert latest_like("new", settings) is None

    publish(sealed, settings)
    assert latest_like("new", settings) == sealed
    roll_back(current.build_id, settings)
    assert latest_like("new", settings) == sealed, "after a rollback a run finds nothing new"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[Errno 28] No space left on device: '/home/a/archive/x'",
            "/home/a/archive/x: cannot be written: No space left on device; make room, ",
        ),
        (
            "parquet: File out of specification: underlying IO error: File too large (os error 27)",
            "/where: cannot be written: File too large; make room, ",
        ),
        (
            'FATAL Error: Could not write file "/home/b.duckdb": No space left on device',
            "/home/b.duckdb: cannot be written: No space left on device; make room, ",
        ),
        (
            'File "/library.py", line 1, in write\nOSError: [Errno 27] File too large',
            "/where: cannot be written: File too large; make room, ",
        ),
        ("disk I/O error", "/where: cannot be written: disk I/O error; see whether the disk is "),
        (
            "[Errno 30] Read-only file system: '/home/c'",
            "/home/c: cannot be written: Read-only file system; mount it so that ",
        ),
        (
            "[Errno 13] Permission denied: '/home/d' -> '/home/e'",
            "/home/d: cannot be written: Permission denied; let the user who runs this ",
        ),
    ],
)
def test_a_failed_write_is_explained_in_one_sentence(text: str, message: str) -> None:
    found = write_failure(text, Path("/where"))
    assert found is not None
    assert found.startswith(message)
    assert found.endswith("start again")


def test_any_other_error_is_not_a_write_failure(tmp_path: Path) -> None:
    def fails(path: Path) -> None:
        raise ValueError(path)

    def is_full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    assert write_failure("found an unknown column 'disk'", Path("/where")) is None
    with pytest.raises(ValueError, match="file"):
        replace(tmp_path / "file", fails)
    with pytest.raises(WriteError, match=f"^{tmp_path / 'file'}: cannot be written: No space"):
        replace(tmp_path / "file", is_full)


def test_an_unexpected_error_does_not_exit_like_a_failed_gate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fetch(_: Settings, **__: object) -> None:
        raise RuntimeError("a library's own")

    monkeypatch.setattr(runs, "fetch", fetch)
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        main(["nightly", "--offline"])
    assert stopped.value.code == FAILED
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == ("borderledger: an unexpected error: RuntimeError: a library's own")
