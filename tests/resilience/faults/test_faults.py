"""The catalogue of faults: each is killed by the check that was made for it, with its cause.

`make faults` inflicts all of them and prints the score; the ones that take long are left to it.
"""

from pathlib import Path

import pytest

from orchestration.releases.checks import MEANINGS
from tests.resilience.faults.catalogue import CATALOGUE
from tests.resilience.faults.fault import Fault, Ground, Happened, score

FAULTS = [fault for faults in CATALOGUE.values() for fault in faults]
SHORT = [fault for fault in FAULTS if not fault.is_long]


@pytest.fixture
def ground(tmp_path: Path, request: pytest.FixtureRequest) -> Ground:
    """Without the agencies' own files: `make faults` inflicts the faults in those, too."""

    def home_of(name: str) -> Path:
        home: Path = request.getfixturevalue(f"{name}_home")
        return home

    return Ground(tmp_path, home_of, real_releases=None)


@pytest.mark.parametrize("fault", [pytest.param(f, id=f.name) for f in SHORT])
def test_a_fault_is_killed_by_its_check(fault: Fault, ground: Ground) -> None:
    happened = fault.inflict(ground)
    assert score(fault, happened) == 1, happened


def test_the_catalogue_is_large_and_documented() -> None:
    assert len(FAULTS) >= 60
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.about.endswith(".") for fault in FAULTS)


def test_every_check_of_a_release_has_a_fault_that_it_must_find() -> None:
    assert set(MEANINGS) <= {fault.check for fault in FAULTS}


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        (Happened("refused", ("file_has_rows",), "found an empty file"), 1),
        (Happened("refused", ("text_is_utf8", "file_has_rows"), "found an empty file"), 1),
        (Happened("refused", ("text_is_utf8",), "found an empty file"), 0.5),
        (Happened("held", ("file_has_rows",), "found an empty file"), 0.5),
        (Happened("refused", ("file_has_rows",), "something is wrong"), 0.5),
        (Happened("missed", (), ""), 0),
    ],
)
def test_the_score_asks_for_outcome_check_and_cause(happened: Happened, expected: float) -> None:
    def never(_: Ground) -> Happened:
        raise NotImplementedError

    fault = Fault("f", "It is.", "refused", "file_has_rows", ("empty file",), never)
    assert score(fault, happened) == expected


def test_a_fault_without_a_check_is_not_killed_by_one() -> None:
    def never(_: Ground) -> Happened:
        raise NotImplementedError

    harmless = Fault("f", "It is.", "taken in", None, (), never)
    assert score(harmless, Happened("taken in", (), "")) == 1
    assert score(harmless, Happened("refused", ("file_has_rows",), "found none")) == 0.5
