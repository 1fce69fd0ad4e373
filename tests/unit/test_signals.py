"""Signals are noticed whatever the main thread does."""

import os
import queue
import signal
import threading
from collections.abc import Iterator

import pytest

from orchestration.signals import ENDING, watching


@pytest.fixture(autouse=True)
def harmless() -> Iterator[None]:
    """Signals that do nothing by themselves."""
    numbers = (*ENDING, signal.SIGUSR1)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_signal_that_ends_is_noticed_once_also_by_whoever_watched_before() -> None:
    heard: queue.Queue[str] = queue.Queue()
    with watching(lambda: heard.put("outside")), watching(lambda: heard.put("inside")):
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        assert {heard.get(timeout=25), heard.get(timeout=25)} == {"inside", "outside"}
    assert heard.empty()


def test_what_was_set_before_is_restored_and_nothing_is_watched_afterwards() -> None:
    before = signal.set_wakeup_fd(-1)
    try:
        with watching(lambda: pytest.fail("no signal was sent")):
            assert signal.set_wakeup_fd(-1) != -1
        assert signal.set_wakeup_fd(-1) == -1
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.set_wakeup_fd(before)


def test_another_thread_is_left_alone() -> None:
    def use() -> None:
        with watching(lambda: None):
            ended.append(True)

    ended: list[bool] = []
    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert ended == [True]
