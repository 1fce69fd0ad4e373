"""What has been announced: who waits for it, when it is tried again, when it is forgotten."""

import logging
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from orchestration.automation.alerts.conditions import Alert
from orchestration.automation.alerts.memory import FILE, Announced, Memory, memory_of

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
RUN = Alert("run/nightly/abc", "The job nightly failed", "Why: …")
GATE = Alert("gate/main.t/unique", "A check warns", "Why: …")
BOTH = {"run", "gate"}


def waiting(memory: Memory) -> dict[str, tuple[str, ...]]:
    return {key: announced.waiting for key, announced in memory.announced.items()}


def sent(memory: Memory, alert: Alert, *channels: str) -> None:
    """Store that these channels have got an alert."""
    memory.store({alert.key: memory.announced[alert.key].after(channels, NOW)})


def test_a_new_alert_waits_for_every_channel_and_is_read_back(tmp_path: Path) -> None:
    Memory(tmp_path).learn([RUN], BOTH, ["slack", "mailto"], NOW)
    assert waiting(Memory(tmp_path)) == {RUN.key: ("slack", "mailto")}


def test_an_alert_is_forgotten_once_its_condition_is_gone(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.learn([RUN, GATE], BOTH, ["slack"], NOW)
    sent(memory, RUN, "slack")
    memory.learn([GATE], BOTH, ["slack"], NOW)
    assert set(Memory(tmp_path).announced) == {GATE.key}
    memory.learn([RUN, GATE], BOTH, ["slack"], NOW)
    assert waiting(memory)[RUN.key] == ("slack",)


def test_an_alert_of_a_kind_that_was_not_looked_at_stays(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.learn([RUN, GATE], BOTH, ["slack"], NOW)
    memory.learn([], {"gate"}, ["slack"], NOW)
    assert set(memory.announced) == {RUN.key}


def test_a_channel_that_is_added_gets_only_what_nobody_has_got(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.learn([RUN, GATE], BOTH, ["slack"], NOW)
    sent(memory, RUN, "slack")
    memory.learn([RUN, GATE], BOTH, ["slack", "mailto"], NOW)
    assert waiting(memory) == {RUN.key: (), GATE.key: ("slack", "mailto")}


def test_a_channel_that_is_removed_is_not_waited_for(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.learn([RUN], BOTH, ["slack", "mailto"], NOW)
    sent(memory, RUN, "slack")
    memory.learn([RUN], BOTH, ["slack"], NOW)
    assert waiting(memory) == {RUN.key: ()}


def test_the_wait_doubles_up_to_six_hours_and_ends_after_three_days() -> None:
    announced = Announced(title="t", since=NOW, waiting=("slack",))
    tries: list[timedelta] = []
    for minutes in range(5 * 24 * 60):
        now = NOW + timedelta(minutes=minutes)
        if announced.is_due(now):
            tries.append(now - NOW)
            announced = announced.after((), now)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert max(gaps) == timedelta(hours=6)
    assert tries[-1] <= timedelta(days=3)
    assert len(tries) < 25
    assert announced.is_given_up(NOW + timedelta(days=4))


def test_an_alert_that_all_have_got_is_never_due() -> None:
    announced = Announced(title="t", since=NOW, waiting=("slack",)).after(["slack"], NOW)
    assert not announced.is_due(NOW + timedelta(hours=1))
    assert not announced.is_given_up(NOW + timedelta(days=9))


def test_only_one_has_the_memory(tmp_path: Path) -> None:
    with memory_of(tmp_path) as first:
        assert first is not None
        with memory_of(tmp_path) as second:
            assert second is None
    with memory_of(tmp_path) as third:
        assert third is not None


def test_a_damaged_file_is_reported_and_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).write_text("{torn")
    memory = Memory(tmp_path)
    assert f"{tmp_path / FILE}: found no readable list of announced alerts" in caplog.text
    memory.learn([RUN], BOTH, ["slack"], NOW)
    assert set(Memory(tmp_path).announced) == {RUN.key}


def test_what_the_disk_does_not_take_is_known_to_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk is itself announced, and not again at every look."""

    def full(*_: object) -> None:
        raise OSError(f"{tmp_path / FILE}: cannot be written: No space left on device")

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr("orchestration.automation.alerts.memory.replace", full)
        memory = Memory(tmp_path)
        memory.learn([RUN], BOTH, ["slack"], NOW)
        sent(memory, RUN, "slack")
        assert "No space left on device" in caplog.text
        assert waiting(Memory(tmp_path)) == {RUN.key: ()}
    Memory(tmp_path).learn([RUN, GATE], BOTH, ["slack"], NOW)
    assert (tmp_path / FILE).exists()
    assert set(Memory(tmp_path).announced) == {RUN.key, GATE.key}
