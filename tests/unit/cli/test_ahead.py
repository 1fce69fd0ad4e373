"""The libraries of a build, begun while releases are read: once, and not for nothing."""

import sys

import pytest

from orchestration.cli import ahead as module
from orchestration.cli.ahead import ahead


class Process:
    """Takes the place of Great Expectations' process, which takes seconds to start."""

    running = 0

    def __init__(self) -> None:
        Process.running += 1

    def end(self) -> None:
        Process.running -= 1


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GreatExpectationsProcess", Process)
    monkeypatch.setattr(Process, "running", 0)


def test_nothing_is_started_unless_it_is_begun() -> None:
    with ahead() as libraries:
        assert libraries.checking() is None
    assert Process.running == 0


def test_it_begins_once_and_ends_with_the_command() -> None:
    with pytest.raises(ValueError, match="a full disk"), ahead() as libraries:  # noqa: PT012
        libraries.begin()
        first = libraries.checking()
        libraries.begin()
        assert libraries.checking() is first
        assert Process.running == 1
        raise ValueError("a full disk")
    assert Process.running == 0


def test_what_cannot_be_imported_is_an_error_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "orchestration.definitions", None)
    with ahead() as libraries:
        libraries.begin()
        assert isinstance(libraries.checking(), Process)
