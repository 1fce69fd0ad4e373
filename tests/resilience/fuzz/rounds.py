"""Many files for one reader, and their outcomes.

What belongs here: which files are made from which seeds, in which order, and the count. Both
the long form and the tests use it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from tests.resilience.fuzz.mutations import mutated
from tests.resilience.fuzz.seeds import Seed
from tests.resilience.fuzz.structures import texts, workbooks
from tests.resilience.fuzz.watched_process import MEBIBYTE, SOUND, Answer, Input, Watch

REAL_EVERY = 8  # one input in eight is made from a real file, which takes longer
STRUCTURED_PERCENT = 30


@dataclass(frozen=True)
class Tried:
    """A file and its outcome."""

    given: Input
    answer: Answer

    @property
    def cost(self) -> str:
        return f"{self.answer.seconds:.2f} s, {self.answer.peak // MEBIBYTE:,} MB"

    def __str__(self) -> str:
        return f"{self.answer.outcome} ({self.cost}): {self.given.name}\n{self.answer.detail}"


@dataclass
class Tally:
    """The outcomes of the files that one reader was given. findings: those that were neither
    read nor refused, or exceeded the bounds."""

    reader: str
    seeds: int
    tried: int = 0
    read: int = 0
    refused: int = 0
    findings: list[Tried] = field(default_factory=list)
    slowest: Tried | None = None
    largest: Tried | None = None

    def note(self, given: Input, answer: Answer) -> None:
        self.tried += 1
        self.read += answer.outcome == "read"
        self.refused += answer.outcome == "refused"
        tried = Tried(given, answer)
        if self.slowest is None or answer.seconds > self.slowest.answer.seconds:
            self.slowest = tried
        if self.largest is None or answer.peak > self.largest.answer.peak:
            self.largest = tried
        if answer.outcome not in SOUND:
            self.findings.append(tried)


def fuzz(reader: str, seeds: Sequence[Seed], inputs: int, seed: int, watch: Watch) -> Tally:
    """Give a reader this many files made from its seeds; the same seed makes the same files."""
    own = [s for s in seeds if s.reader == reader]
    small = [s for s in own if s.folder != "real"]
    large = [s for s in own if s.folder == "real"]
    tally = Tally(reader, len(own))
    structured = inputs * STRUCTURED_PERCENT // 100
    for given in damaged(small, large, inputs - structured, seed):
        tally.note(given, watch.ask(given))
    _ask_structured(small, structured, seed, lambda given: tally.note(given, watch.ask(given)))
    return tally


def damaged(
    small: Sequence[Seed], large: Sequence[Seed], inputs: int, seed: int
) -> Iterator[Input]:
    """Files with damaged bytes, from each seed file in turn."""
    for number in range(inputs):
        is_large = large and number % REAL_EVERY == REAL_EVERY - 1
        own = large if is_large else small
        yield damaged_one(
            own[number // (REAL_EVERY if is_large else 1) % len(own)], own, seed, number
        )


def damaged_one(whole: Seed, own: Sequence[Seed], seed: int, number: int) -> Input:
    """The damaged file for a seed file, a seed and a number, which a finding names."""
    chance = Random(f"{whole.dataset}/{whole.file_name}/{seed}/{number}")
    others = [other.content for other in own if other is not whole]
    return whole.given(f"seed {seed} number {number}", mutated(whole.content, chance, others))


def structured_files(small: Sequence[Seed]) -> st.SearchStrategy[Input]:
    """Files of a reader's datasets with a changed structure."""
    datasets = {whole.dataset: whole for whole in small}.values()
    return st.one_of([(workbooks if s.is_workbook else texts)(s) for s in datasets])


def _ask_structured(
    small: Sequence[Seed], inputs: int, seed: int, ask: Callable[[Input], None]
) -> None:
    """Call `ask` with the files that Hypothesis draws; findings do not stop it."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=inputs,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(structured_files(small))
    def each(given: Input) -> None:
        ask(given)

    if inputs:
        each()
