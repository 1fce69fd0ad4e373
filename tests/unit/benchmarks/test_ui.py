"""What the benchmark of the UI says of what it has measured."""

import pytest

from benchmarks.ui import Timed


def test_the_ratio_is_to_the_mean_of_the_imports_before_and_after() -> None:
    assert Timed("start", 12.0, (4.0, 8.0)).ratio == 2.0


@pytest.mark.parametrize(("seconds", "met"), [(12.0, True), (12.1, False)])
def test_an_aim_in_imports_does_not_depend_on_the_machine(seconds: float, met: bool) -> None:
    timed = Timed("start", seconds, (4.0, 8.0), times_the_import=2.0)
    assert timed.met is met
    assert ("NOT met" in str(timed)) is not met


@pytest.mark.parametrize(("seconds", "met"), [(10.0, True), (10.1, False)])
def test_an_aim_in_seconds_does_not_depend_on_the_import(seconds: float, met: bool) -> None:
    assert Timed("quiet nightly run", seconds, (1.0, 1.0), most_seconds=10.0).met is met


def test_a_line_says_what_was_measured_and_what_was_expected() -> None:
    assert str(Timed("reload", 5.0, (2.0, 3.0), times_the_import=2.0)) == (
        "reload: 5.0 s, 2.0 times a bare import (2.0 s before, 3.0 s after); "
        "aim: 2 times the import: met"
    )
