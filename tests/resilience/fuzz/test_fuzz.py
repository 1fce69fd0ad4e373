"""The short form: some files for every reader, and tests of the watch itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.readers import READERS
from tests.resilience.fuzz import misbehaving
from tests.resilience.fuzz.intake_of_input import BrokenPromise, take_in
from tests.resilience.fuzz.rounds import Tried, damaged, damaged_one, fuzz
from tests.resilience.fuzz.seeds import real_seeds, small_seeds
from tests.resilience.fuzz.watched_process import MEBIBYTE, SOUND, Bounds, Input, Watch

INPUTS = 50  # for each reader
SEED = 20241108


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    """A watched process that runs the intake."""
    with Watch(take_in) as watch:
        yield watch


class TestTheWatch:
    """A process that misbehaves is noticed, and the next file is still handled."""

    @pytest.fixture(scope="class")
    def misbehaved(self) -> Iterator[Watch]:
        with Watch(misbehaving.misbehave, Bounds(seconds=1, memory=150 * MEBIBYTE)) as watch:
            yield watch

    @pytest.mark.parametrize(
        ("word", "outcome", "detail"),
        [
            (b"raise", "error", "ValueError: not a date"),
            (b"panic", "error", "Panic: byte array offset overflow"),
            (b"abort", "crash", "ended by -6; Fatal Python error: Aborted"),
            (b"exit", "crash", "ended by 0"),
            (b"hang", "hang", "misbehaving.py"),
            (b"eat", "memory", ""),
            (b"eat and hold", "memory", "ended by -9"),
            (b"eat all", "error", "MemoryError"),
        ],
    )
    def test_it_reports_how_a_file_ended(
        self, misbehaved: Watch, word: bytes, outcome: str, detail: str
    ) -> None:
        answer = misbehaved.ask(_input(word))
        assert answer.outcome == outcome
        assert detail in answer.detail
        assert misbehaved.ask(_input(b"nothing")).outcome == "refused"

    def test_any_other_outcome_of_the_intake_is_a_broken_promise(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            Intake,
            "take",
            lambda _, candidate: IntakeOutcome(candidate.source, None, "skipped", "odd", None),
        )
        with pytest.raises(BrokenPromise, match="skipped"):
            take_in(_input(b"nothing"))


class TestEveryReader:
    """Every file ends as an archived release or as a refusal with a reason."""

    def test_every_dataset_has_a_sound_file(self, watch: Watch) -> None:
        assert {seed.dataset for seed in small_seeds()} == set(load_catalogue())
        for seed in small_seeds():
            answer = watch.ask(seed.given("whole", seed.content))
            assert answer.outcome == "read", (seed, answer)

    @pytest.mark.parametrize("reader", sorted(READERS))
    def test_it_reads_or_refuses_every_damaged_file(self, watch: Watch, reader: str) -> None:
        tally = fuzz(reader, small_seeds(), INPUTS, SEED, watch)
        assert not tally.findings, "\n".join(map(str, tally.findings))
        assert tally.tried >= INPUTS * 0.9  # Hypothesis may have fewer that differ
        assert tally.read > 0
        assert tally.refused > 0

    def test_the_agencies_own_files_are_read_or_refused_when_damaged(
        self, watch: Watch, real_releases: Path
    ) -> None:
        seeds = real_seeds(real_releases)
        for whole in seeds:
            own = [seed for seed in seeds if seed.reader == whole.reader]
            given = damaged_one(whole, own, SEED, 0)
            answer = watch.ask(given)
            assert answer.outcome in SOUND, str(Tried(given, answer))

    @pytest.mark.parametrize("reader", sorted(READERS))
    def test_a_seed_determines_the_files(self, reader: str) -> None:
        own = [seed for seed in small_seeds() if seed.reader == reader]
        first, again = (list(damaged(own, [], 6, SEED)) for _ in range(2))
        assert first == again
        assert len({given.content for given in first}) == 6
        other = list(damaged(own, [], 6, SEED + 1))
        assert all(a.content != b.content for a, b in zip(first, other, strict=True))


def _input(word: bytes) -> Input:
    return Input(word.decode()[:20], "cbp_southwest_encounters", "x.csv", "2024-12", word)
