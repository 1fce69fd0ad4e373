"""Great Expectations' process: what it answers, and that it ends."""

import itertools
import json
import os
import signal
import subprocess
import sys
import xml.sax
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.gates.process import GreatExpectationsProcess
from orchestration.gates.validation import GateError
from tests.pipeline.browser.serving import processes_of, wait

SECONDS = 60
# without Great Expectations, which none of these calls needs: its import takes seconds
PROGRAM = (
    "from orchestration.gates import process; process.import_great_expectations = int; "
    "process.serve()"
)
STARTER = f"""
import time
from orchestration.gates import process
process.PROGRAM = {PROGRAM!r}
process = process.GreatExpectationsProcess()
print(*process.each(range, 1), flush=True)
list(process.each(map, time.sleep, [1000]))
"""


@pytest.fixture(scope="module", autouse=True)
def _without_the_library() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.gates.process.PROGRAM", PROGRAM)
        yield


@pytest.fixture(scope="module")
def process() -> Iterator[GreatExpectationsProcess]:
    started = GreatExpectationsProcess()
    yield started
    started.end()


def test_what_a_function_yields_comes_one_by_one(process: GreatExpectationsProcess) -> None:
    assert list(process.each(range, 3)) == [0, 1, 2]
    assert list(process.each(range, 0)) == []


def test_an_error_is_raised_where_the_call_was_made(process: GreatExpectationsProcess) -> None:
    with pytest.raises(json.JSONDecodeError, match="Expecting value: line 1") as raised:
        list(process.each(json.loads, "nonsense"))
    assert 'json/__init__.py", line' in str(raised.value.__cause__)
    assert list(process.each(range, 1)) == [0]


def test_an_error_that_cannot_be_sent_is_sent_as_text(process: GreatExpectationsProcess) -> None:
    with pytest.raises(GateError, match=r"SAXParseException: .* unclosed token"):
        list(process.each(xml.sax.parseString, "<", xml.sax.ContentHandler()))  # type: ignore


def test_a_call_that_is_not_read_to_its_end_ends_the_process() -> None:
    process = GreatExpectationsProcess()
    for number in process.each(itertools.count):
        assert number == 0
        break
    with pytest.raises(GateError, match="was killed by SIGKILL"):
        list(process.each(range, 1))


def test_a_process_that_is_killed_is_named() -> None:
    process = GreatExpectationsProcess()
    with pytest.raises(GateError, match="Great Expectations' process was killed by SIGKILL"):
        list(process.each(map, signal.raise_signal, [signal.SIGKILL]))


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STARTER],
        env=os.environ | {"BORDERLEDGER_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"0\n"
        assert len(processes_of(tmp_path)) == 2
        started.kill()
    assert wait(lambda: not processes_of(tmp_path), SECONDS)
