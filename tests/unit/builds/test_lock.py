"""The lock: one run at a time in a home; who meets another one waits, and says for whom."""

import os
import threading
from pathlib import Path

import pytest

from orchestration.builds import lock
from orchestration.builds.lock import Busy, exclusive
from tests.support.lock_holder import held_by_another, let_go

LONG = 60.0


def test_only_one_process_holds_the_lock_and_it_is_free_afterwards(tmp_path: Path) -> None:
    with (
        held_by_another(tmp_path) as other,
        pytest.raises(Busy, match=rf"another run \(process {other.pid}\) is using {tmp_path}; try"),
        exclusive(tmp_path),
    ):
        pass
    with exclusive(tmp_path):
        pass
    with held_by_another(tmp_path):
        pass


def test_a_run_waits_and_names_the_process_that_it_waits_for(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        said: list[str] = []

        def report(sentence: str) -> None:
            said.append(sentence)
            let_go(other)

        with exclusive(tmp_path, LONG, report):
            assert said == [
                f"waiting for another run (process {other.pid}) that is using {tmp_path}"
            ]


def test_it_says_again_that_it_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(lock, "REPORT_SECONDS", 0.01)
    with held_by_another(tmp_path) as other:
        said: list[str] = []

        def report(sentence: str) -> None:
            said.append(sentence)
            if len(said) == 3:
                let_go(other)

        with exclusive(tmp_path, LONG, report):
            assert len(said) >= 3


def test_the_wait_has_a_limit_and_names_the_process_that_hangs(tmp_path: Path) -> None:
    with (
        held_by_another(tmp_path) as other,
        pytest.raises(Busy, match=rf"\(process {other.pid}\) is still using .*end process"),
        exclusive(tmp_path, 0.01),
    ):
        pass


def test_a_killed_process_frees_the_lock(tmp_path: Path) -> None:
    with held_by_another(tmp_path) as other:
        other.kill()
        with exclusive(tmp_path, LONG):
            pass


def test_the_process_that_holds_it_takes_it_again(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        with exclusive(tmp_path), exclusive(tmp_path / ".." / tmp_path.name):
            pass
        assert _exit_code_of_fork_that_takes(tmp_path) == 1, "an inner block has freed the lock"
    with held_by_another(tmp_path):
        pass


def test_it_is_free_only_when_the_last_thread_has_left(tmp_path: Path) -> None:
    inside, leave = threading.Event(), threading.Event()

    def use() -> None:
        with exclusive(tmp_path):
            inside.set()
            leave.wait(LONG)

    thread = threading.Thread(target=use)
    with exclusive(tmp_path):
        thread.start()
        assert inside.wait(LONG)
    assert _exit_code_of_fork_that_takes(tmp_path) == 1
    leave.set()
    thread.join()
    with held_by_another(tmp_path):
        pass


def test_a_failed_run_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), exclusive(tmp_path), exclusive(tmp_path):
        raise ZeroDivisionError
    with held_by_another(tmp_path):
        pass


def _exit_code_of_fork_that_takes(home: Path) -> int:
    """What a fork of this process, which inherits its memory, exits with: 1 if it finds the lock
    taken, 0 if it takes it."""
    if (child := os.fork()) == 0:
        try:
            with exclusive(home):
                os._exit(0)
        except Busy:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
