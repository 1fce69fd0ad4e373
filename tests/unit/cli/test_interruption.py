"""A signal ends a process also where a library catches what it raises."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.build import Build
from orchestration.cli import commands, report
from orchestration.cli.interruption import insisting, is_for_a_signal
from orchestration.cli.main import main
from orchestration.settings import Settings
from orchestration.signals import ENDING, watching

PROGRAM = """
import signal, sys, threading, time
from orchestration.cli.interruption import insisting
from orchestration.cli.main import _on_signals
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored if the tests were started with nohup
_on_signals(signal.default_int_handler)
caught = 0
try:
    with insisting(patience=0.1):
        while caught < {times}:
            try:
                print("inside", flush=True)
                time.sleep(30)
            except BaseException:
                caught += 1
        print("inside", flush=True)
        time.sleep(30)
except KeyboardInterrupt:
    print("interrupted after", caught, file=sys.stderr)
    sys.exit(3)
"""


@contextmanager
def running(times: int) -> Iterator["subprocess.Popen[str]"]:
    """A program that catches the exception of a signal so many times."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(times=times)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_an_error_for_a_signal_ends_the_command_as_the_signal_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As DuckDB raises one: `RuntimeError: Query interrupted`, caused by the interrupt."""

    def main(*_: object, **__: object) -> None:
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()

    monkeypatch.setattr(commands.cli, "main", main)
    with pytest.raises(KeyboardInterrupt):
        commands.run(["status"])
    assert not is_for_a_signal(RuntimeError("Query interrupted"))


def test_it_is_no_reason_to_go_on_without_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore_report(*_: object) -> None:
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()

    monkeypatch.setattr(report, "restore_report", restore_report)
    with pytest.raises(KeyboardInterrupt):
        report.restore(Build(tmp_path / "build"), Settings(tmp_path))


@pytest.mark.parametrize("number", sorted(ENDING))
@pytest.mark.parametrize(
    ("times", "said"),
    [
        (0, "interrupted after 0"),
        (1, "interrupted after 1"),
        (99, "borderledger: interrupted"),
    ],
)
def test_a_signal_is_repeated_until_the_process_ends(
    number: signal.Signals, times: int, said: str
) -> None:
    with running(times) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=25)  # less than it would sleep
    assert (process.returncode, errors.strip()) == (3, said)


IN_A_CALLBACK = """
import os, signal, sys, time, weakref
from orchestration.cli.interruption import insisting
class Thing:
    pass
thing = Thing()
reference = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGINT) or time.sleep(1))
try:
    with insisting(patience=60):
        del thing
        time.sleep(30)
except KeyboardInterrupt:
    print("interrupted", file=sys.stderr)
"""


def test_an_exception_that_is_lost_in_a_callback_is_raised_again_and_not_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CALLBACK], capture_output=True, text=True, timeout=25
    )
    assert done.stderr == "interrupted\n"


IN_AN_IMPORT = """
import os, signal, sys
from orchestration.cli.main import main
class Library:
    def find_spec(self, name, *_):
        if name == "duckdb":
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            except BaseException:
                raise ValueError("initialization failed") from None
sys.meta_path.insert(0, Library())
main()
"""


def test_a_signal_ends_a_process_that_imports_a_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_AN_IMPORT], capture_output=True, text=True, timeout=25
    )
    assert (done.returncode, done.stderr) == (3, "borderledger: interrupted\n")


def test_what_was_set_before_is_restored() -> None:
    before = signal.set_wakeup_fd(-1)
    try:
        with insisting():
            assert signal.set_wakeup_fd(-1) != -1
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        signal.set_wakeup_fd(before)


ABOUT = """
create table meta.builds as select 'a' as build_id, now() as built_at;
create table meta.releases as select '' as publisher, '' as dataset_title, '' as landing_page,
  '' as licence, '' as verdict
"""
LONG = "select count(*) as n from range(10_000_000_000)"  # many seconds, where nothing ends it


@pytest.fixture
def unnoticed() -> Iterator[None]:
    """Signals do nothing, as where DuckDB does not look for them."""
    before = {number: signal.signal(number, lambda *_: None) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("unnoticed")
@pytest.mark.parametrize(
    ("number", "arguments"),
    [
        (signal.SIGINT, ["sql", LONG]),
        (signal.SIGTERM, ["sql", "--csv", LONG]),
        (signal.SIGHUP, ["export", "{folder}/export"]),
    ],
)
def test_a_signal_that_duckdb_does_not_notice_ends_its_query(
    number: signal.Signals,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with duckdb.connect(str(tmp_path / "border.duckdb")) as connection:
        connection.execute(f"create schema meta; create view slow as {LONG}; {ABOUT}")
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path))

    @contextmanager
    def signalled(react: Callable[[], None]) -> Iterator[None]:
        with watching(react):
            os.kill(os.getpid(), number)
            yield

    monkeypatch.setattr("orchestration.builds.cancellation.watching", signalled)
    with pytest.raises(SystemExit) as stop:
        main([one.format(folder=tmp_path) for one in arguments])
    said = capsys.readouterr().err.strip()
    assert (stop.value.code, said) == (3, "borderledger: interrupted")
    assert [path.name for path in tmp_path.iterdir()] == ["border.duckdb"]


@pytest.mark.usefixtures("unnoticed")
def test_a_signal_that_is_lost_before_the_query_begins_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    duckdb.connect(str(tmp_path / "border.duckdb")).close()
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path))
    monkeypatch.setattr("orchestration.cli.sql.insisting", partial(insisting, patience=1))

    @contextmanager
    def signalled(react: Callable[[], None]) -> Iterator[None]:
        os.kill(os.getpid(), signal.SIGINT)
        with watching(react):
            yield

    monkeypatch.setattr("orchestration.builds.cancellation.watching", signalled)
    with pytest.raises(SystemExit) as stop:
        main(["sql", LONG])
    said = capsys.readouterr().err.strip()
    assert (stop.value.code, said) == (3, "borderledger: interrupted")
