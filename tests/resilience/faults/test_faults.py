"""The catalogue of faults: the check that was made for a fault catches it and gives the cause.

`make faults` also inflicts the slow ones, and prints the score.
"""

from pathlib import Path
from typing import get_args

import pytest

from orchestration.releases.checks import Check
from tests.resilience.faults.catalogue import CATALOGUE
from tests.resilience.faults.fault import Fault, Observed, Sandbox, score

FAULTS = [fault for faults in CATALOGUE.values() for fault in faults]
OF_RELEASES = ("files", "values", "workbooks", "pages", "times")  # the other kinds need builds
TRIED = [
    pytest.param(fault, id=fault.name, marks=[] if kind in OF_RELEASES else [pytest.mark.long])
    for kind, faults in CATALOGUE.items()
    for fault in faults
    if not fault.is_long
]


@pytest.fixture
def sandbox(tmp_path: Path, request: pytest.FixtureRequest) -> Sandbox:
    """A sandbox without the agencies' own files, in which `make faults` inflicts faults too."""

    def home_of(name: str) -> Path:
        home: Path = request.getfixturevalue(f"{name}_home")
        return home

    return Sandbox(tmp_path, home_of, real_releases=None)


@pytest.mark.parametrize("fault", TRIED)
def test_a_fault_is_caught_by_its_check(fault: Fault, sandbox: Sandbox) -> None:
    observed = fault.inflict(sandbox)
    assert score(fault, observed) == 1, observed


def test_the_catalogue_is_large_and_documented() -> None:
    assert len(FAULTS) >= 60
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(fault.about.endswith(".") for fault in FAULTS)


def test_every_check_of_a_release_has_a_fault_that_it_must_catch() -> None:
    assert set(get_args(Check)) <= {fault.check for fault in FAULTS}


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (Observed("refused", ("file_has_rows",), "found an empty file"), 1),
        (Observed("refused", ("text_is_utf8", "file_has_rows"), "found an empty file"), 1),
        (Observed("refused", ("text_is_utf8",), "found an empty file"), 0.5),
        (Observed("held", ("file_has_rows",), "found an empty file"), 0.5),
        (Observed("refused", ("file_has_rows",), "something is wrong"), 0.5),
        (Observed("missed", (), ""), 0),
    ],
)
def test_the_full_score_needs_outcome_check_and_cause(observed: Observed, expected: float) -> None:
    def never(_: Sandbox) -> Observed:
        raise NotImplementedError

    fault = Fault("f", "It is.", "refused", "file_has_rows", ("empty file",), never)
    assert score(fault, observed) == expected


def test_a_fault_that_no_check_should_report_must_not_be_reported() -> None:
    def never(_: Sandbox) -> Observed:
        raise NotImplementedError

    harmless = Fault("f", "It is.", "archived", None, (), never)
    assert score(harmless, Observed("archived", (), "")) == 1
    assert score(harmless, Observed("refused", ("file_has_rows",), "found none")) == 0.5
