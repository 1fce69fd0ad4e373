"""Announcing: one message about each thing that is wrong, once, to every channel.

What belongs here: the order of things. A message counts as sent once a channel has taken it; only a
process that is killed in that very moment can make it go out twice.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from orchestration.automation.alerts.channels import Channel, channels_of, send
from orchestration.automation.alerts.conditions import Alert, Situation, alerts_of, known_kinds
from orchestration.automation.alerts.memory import Memory, memory_of
from orchestration.automation.alerts.situation import FailedRuns, situation_of
from orchestration.settings import Settings
from orchestration.wording import counted, form

log = logging.getLogger(__name__)

MESSAGES = 10  # at once; what is beyond goes into one message, so that a channel is not flooded
CALL_SECONDS = 30.0  # then the other messages are left to the next call: Dagster waits a minute
SUBJECT = "Borderledger: "


@dataclass(frozen=True)
class Message:
    """What is sent.

    alerts: those that it is about. waiting: the channels that have not got them.
    """

    alerts: tuple[Alert, ...]
    waiting: tuple[str, ...]
    title: str
    body: str


def announce(
    settings: Settings,
    failed_runs: FailedRuns | None = None,
    looked_at: datetime | None = None,
    now: datetime | None = None,
    ended_early: Sequence[str] | None = None,
) -> int:
    """Send a message about everything that is wrong and has not been announced. Returns how many
    alerts went out. Raises nothing: an alert never fails a run; one that could not be sent is
    tried again by later calls, after growing waits, for three days.

    failed_runs: finds the runs that failed and that no later run of their job has made good; it
        is called when no other process announces. None: what is known of failed runs stays.
    looked_at: when a nightly run last succeeded; None: when the publishers were last asked.
    ended_early: why the command nightly ended outside of its runs; empty: it did not; None: what is
        known of that stays.
    """
    try:
        if not settings.home.is_dir():  # nothing has run yet
            return 0
        with memory_of(settings.home) as memory:
            if memory is None:
                return 0
            moment = now or datetime.now(UTC)
            situation = situation_of(settings, failed_runs, looked_at, moment, ended_early)
            return _announce(settings, memory, situation, moment)
    except Exception as error:
        log.warning("no alert was sent: %s: %s", type(error).__name__, error)
        return 0


def _announce(settings: Settings, memory: Memory, situation: Situation, now: datetime) -> int:
    channels, problems = channels_of(settings)
    for problem in problems:
        log.warning("%s; no alert goes there", problem)
    alerts = alerts_of(situation)
    if not channels:
        if alerts and not memory.without_channel:
            log.warning(
                "%s sent nowhere: BORDERLEDGER_ALERTS names no channel; `borderledger alerts` %s",
                f"{counted(len(alerts), 'alert')} {form(len(alerts), 'is', 'are')}",
                form(len(alerts), "shows it", "lists them"),
            )
            memory.say_without_channel(True)
        return 0
    memory.say_without_channel(False)
    memory.learn(alerts, known_kinds(situation), [channel.name for channel in channels], now)
    due = [alert for alert in alerts if memory.announced[alert.key].is_due(now)]
    return _send_all(due, channels, memory, now)


def _send_all(
    due: Sequence[Alert], channels: Sequence[Channel], memory: Memory, now: datetime
) -> int:
    """Send these alerts to the channels that have not got them. Returns how many went out."""
    working = list(channels)  # a channel that fails once is not tried again in this call
    sent, end = 0, time.monotonic() + CALL_SECONDS
    for message in _messages(due, memory):
        known = {alert.key: memory.announced[alert.key] for alert in message.alerts}
        # stored before it is sent: a process that dies meanwhile leaves an alert that waits
        memory.store({key: announced.after((), now) for key, announced in known.items()})
        got: list[str] = []
        for channel in [channel for channel in working if channel.name in message.waiting]:
            problem = send(channel, message.title, message.body)
            if problem is None:
                got.append(channel.name)
                memory.store({key: announced.after(got, now) for key, announced in known.items()})
            else:
                working.remove(channel)
                log.warning("an alert could not be sent to %s: %s", channel.name, problem)
        sent += len(message.alerts) if got else 0
        if time.monotonic() > end:
            break
    return sent


def _messages(alerts: Sequence[Alert], memory: Memory) -> Iterator[Message]:
    """One message for each alert; beyond the number of messages, one for all the others."""
    by_waiting: dict[tuple[str, ...], list[Alert]] = {}
    for alert in alerts:
        by_waiting.setdefault(memory.announced[alert.key].waiting, []).append(alert)
    for waiting, alike in by_waiting.items():
        alone = alike if len(alike) <= MESSAGES else alike[: MESSAGES - 1]
        for alert in alone:
            yield Message((alert,), waiting, f"{SUBJECT}{alert.title}", alert.body)
        if others := tuple(alike[len(alone) :]):
            yield Message(others, waiting, f"{SUBJECT}{len(others)} more alerts", _listed(others))


def _listed(alerts: Sequence[Alert]) -> str:
    titles = [f"- {alert.title}" for alert in alerts]
    where = "Run `borderledger alerts` for what readers see, the reasons and where to go."
    return "\n".join((*titles, where))
