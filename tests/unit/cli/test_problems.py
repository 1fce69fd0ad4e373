"""How releases that wait for somebody are counted, and failed checks shown."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.cli.main import main
from orchestration.cli.problems import report_outcomes, report_problems
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.archive import Archive
from orchestration.review.review import Review, review
from orchestration.settings import Settings
from tests.support.builds import filled_build, gate_result
from tests.support.reviews import FIRST, archive_of

PROBLEMS = "see `borderledger releases --problems`\n"
HELD, REFUSED = {"verdict": "held"}, {"verdict": "refused"}
IN_PART = {"held_tables": ("a", "b")}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return archive_of(tmp_path_factory.mktemp("home"), FIRST)


def reviewed(archive: Archive, *changes: dict[str, object]) -> Review:
    """A review with one release for each of these changes."""
    found = review(archive, corrections=[])
    [release] = found.releases
    releases = tuple(release.model_copy(update=change) for change in changes)
    return replace(found, releases=releases)


@pytest.mark.parametrize(
    ("changes", "refused_now", "said"),
    [
        ([{}], 0, ""),
        ([HELD], 0, f"1 release is held: {PROBLEMS}"),
        ([HELD, HELD], 0, f"2 releases are held: {PROBLEMS}"),
        ([IN_PART], 0, f"1 release is held in part: {PROBLEMS}"),
        ([REFUSED, HELD], 1, f"1 release is refused (1 in this run), 1 is held: {PROBLEMS}"),
        ([REFUSED, REFUSED, HELD, HELD], 0, f"2 releases are refused, 2 are held: {PROBLEMS}"),
    ],
)
def test_releases_are_counted_in_words(
    changes: list[dict[str, object]],
    refused_now: int,
    said: str,
    archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    report_problems(reviewed(archive, *changes), refused_now)
    assert capsys.readouterr().out == said


@pytest.mark.parametrize(("number", "files"), [(1, "1 file"), (2, "2 files")])
def test_files_that_are_known_are_counted(
    number: int, files: str, archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    [release] = archive.releases()
    known = IntakeOutcome("x.csv", release.dataset, "duplicate", release.reason, release)
    report_outcomes([known] * number)
    expected = f"duplicate    {files} that the archive already holds\n"
    assert capsys.readouterr().out == expected


def test_a_failed_build_shows_each_failed_check_within_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    build = filled_build(Settings.from_environment(), "run-one-")
    failed = {
        "check": "months_are_first_days",
        "status": "failed",
        "unexpected_count": 1,
        "observed": "2024-05-02",
        "examples": '[{"month": "2024-05-02", "label": "' + "long " * 20 + '"}]',
        "notes": "A month is its first day, " + "as everywhere " * 6,
    }
    build.add_gate_results([gate_result(**failed)])
    with pytest.raises(SystemExit):
        main(["gates", "--all"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "main.t",
        "  passed          critical  grain_is_unique",
        "  failed          critical  months_are_first_days",
        "critical     main.t: months_are_first_days, 1 row",
    ]
    assert "             observed 2024-05-02" in lines
    assert any(line.startswith("             month: 2024-05-02, label: long") for line in lines)
    assert lines[-1] == f"Build {build.build_id}: 2 checks ran, 1 failed, 0 do not apply."
    assert max(map(len, lines)) <= 80
