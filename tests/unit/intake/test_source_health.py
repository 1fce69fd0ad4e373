"""The health of the sources: nights in a row, damaged files, landing folders."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.intake.fetch import fetch, landing_problems
from orchestration.intake.source_health import (
    Health,
    LandingHealth,
    SourceHealth,
    change_health,
    health_file,
    read_health,
)
from orchestration.releases.archive import Archive
from orchestration.settings import PROJECT, Settings
from tests.support.cbp_files import SOUTHWEST, Made, candidate
from tests.support.intake_outcomes import NAME

NEVER = SourceHealth(dataset=SOUTHWEST)


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


class TestNights:
    """Distinct days in a row on which a publisher did not answer."""

    def test_each_day_counts_once_and_a_day_without_a_fetch_breaks_nothing(self) -> None:
        source = NEVER
        for moment, nights in (
            (at(1), 1),
            (at(1, 23), 1),
            (at(2, 0), 2),
            (at(9), 3),
        ):
            source = source.after_silence(moment, "no connection")
            assert (source.nights_unreachable, source.asked_on) == (nights, moment)
        assert source.answered_on is None

    def test_an_answer_resets_them_also_on_the_same_day(self) -> None:
        source = NEVER.after_silence(at(1), "no connection").after_silence(at(2), "no connection")
        source = source.after_answer(at(2, 11), ["odd"])
        assert source == SourceHealth(
            dataset=SOUTHWEST, asked_on=at(2, 11), answered_on=at(2, 11), findings=("odd",)
        )
        source = source.after_silence(at(2, 12), "no answer")
        assert (source.nights_unreachable, source.problem) == (1, "no answer")
        assert source.answered_on == at(2, 11)
        assert source.findings == ("odd",), "nobody has seen the listing since"


class TestTheFile:
    """`health.json`."""

    def test_it_is_empty_before_the_first_fetch(self, settings: Settings) -> None:
        assert read_health(settings) == Health()
        assert not settings.home.exists()

    def test_it_is_read_as_it_was_written(self, settings: Settings) -> None:
        health = Health(
            sources={SOUTHWEST: NEVER.after_silence(at(1), "no connection")},
            landing=(LandingHealth(folder="/nope", problem="found no such folder"),),
        )
        change_health(settings, lambda _: health)
        assert read_health(settings) == health

    @pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"sources": {"a": 1}}'])
    def test_a_damaged_one_is_set_aside_with_a_warning(
        self, damage: bytes, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        path = health_file(settings)
        path.parent.mkdir(parents=True)
        path.write_bytes(damage)
        with caplog.at_level(logging.WARNING):
            assert read_health(settings) == Health()
        assert str(path) in caplog.text
        assert path.with_name("health-damaged.json").read_bytes() == damage
        assert not path.exists()

    def test_processes_that_write_at_the_same_time_lose_nothing(self, settings: Settings) -> None:
        command = (
            "import sys; from pathlib import Path; from orchestration.settings import Settings;"
            "from orchestration.intake.source_health import *\n"
            "for n in range(20):\n"
            "    name = f'{sys.argv[2]}_{n}'\n"
            "    change_health(Settings(Path(sys.argv[1])), lambda h: h.model_copy(update={"
            "'sources': {**h.sources, name: SourceHealth(dataset=name)}}))"
        )
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", command, str(settings.home), writer], cwd=PROJECT
            )
            for writer in ("a", "b")
        ]
        assert [writer.wait(60) for writer in writers] == [0, 0]
        assert len(read_health(settings).sources) == 40


class TestLandingFolders:
    """Landing folders that cannot be read."""

    def test_a_missing_one_is_a_problem_and_the_others_are_taken_in(
        self, settings: Settings, landing: Path, good: Made, tmp_path: Path
    ) -> None:
        nope = tmp_path / "nope"
        settings = replace(settings, landing=(nope, landing))
        candidate(landing, good.bytes(), "2024-12", NAME)
        outcomes = fetch(settings, [SOUTHWEST])
        assert [outcome.kind for outcome in outcomes] == ["archived"]
        problem = "found no such folder, expected a landing folder"
        assert read_health(settings).landing == (LandingHealth(folder=str(nope), problem=problem),)
        assert landing_problems(settings) == [f"landing folder {nope}: {problem}"]
        nope.mkdir()
        fetch(settings, [SOUTHWEST])
        assert read_health(settings).landing == ()
        assert landing_problems(settings) == []

    def test_a_folder_that_cannot_be_listed_is_a_problem(
        self,
        settings: Settings,
        landing: Path,
        good: Made,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """As a network folder may be, whatever its permissions say."""
        candidate(landing, good.bytes(), "2024-12", NAME)
        closed = landing / SOUTHWEST
        scandir = os.scandir

        def refusing(path: Path) -> object:
            if Path(path) == closed:
                raise OSError(5, "Input/output error")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)
        assert {outcome.kind for outcome in fetch(settings)} == {"archived", "skipped"}
        assert SOUTHWEST not in {r.dataset for r in Archive(settings.archive).releases()}
        [found] = read_health(settings).landing
        assert found.folder == str(closed)
        assert landing_problems(settings) == [f"landing folder {closed}: {found.problem}"]

    def test_an_offline_fetch_with_nothing_wrong_writes_no_health(
        self, settings: Settings, landing: Path
    ) -> None:
        fetch(settings, [SOUTHWEST])
        assert not health_file(settings).exists()

    def test_an_offline_fetch_writes_only_the_landing_part(self, settings: Settings) -> None:
        source = NEVER.after_silence(at(1), "no connection")
        change_health(settings, lambda h: h.model_copy(update={"sources": {SOUTHWEST: source}}))
        fetch(settings, [SOUTHWEST])
        written = json.loads(health_file(settings).read_text())
        assert set(written["sources"]) == {SOUTHWEST}
        assert read_health(settings).sources == {SOUTHWEST: source}
        assert len(written["landing"]) == 1
