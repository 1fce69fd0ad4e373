"""The command alerts: what is wrong now, whether it was announced, and a test of the channels."""

import json
from datetime import UTC, datetime
from typing import Any

import click

from orchestration.automation.alerts.channels import VARIABLE, channels_of, send
from orchestration.automation.alerts.conditions import Alert, alerts_of
from orchestration.automation.alerts.memory import Announced, Memory
from orchestration.automation.alerts.situation import failed_runs_of, situation_of
from orchestration.automation.last_run import early_end_of
from orchestration.cli.options import FAILED, USAGE, json_option, settings_with
from orchestration.cli.output import say, say_labelled, warn, warn_labelled
from orchestration.settings import ConfigurationError, Settings
from orchestration.wording import counted

TEST_TITLE = "Borderledger: a test"
TEST_BODY = "Alerts of Borderledger arrive here. Nothing is wrong."


@click.command()
@click.option("--test", is_flag=True, help="Send a test message to each channel.")
@json_option
def alerts(test: bool, as_json: bool) -> int:
    """List what is wrong now, and whether it was announced.

    Alerts go to the channels in BORDERLEDGER_ALERTS."""
    settings = settings_with()
    if test:
        return _test(settings)
    now = datetime.now(UTC)
    situation = situation_of(
        settings, lambda: failed_runs_of(settings), now=now, ended_early=early_end_of(settings)
    )
    found = alerts_of(situation)
    announced = Memory(settings.home).announced
    if as_json:
        records = [_record(alert, announced.get(alert.key), now) for alert in found]
        click.echo(json.dumps(records, indent=2))
    else:
        for alert in found:
            _show(alert, announced.get(alert.key), now)
    channels, problems = channels_of(settings)
    for problem in problems:
        warn(problem)
    if not as_json:
        names = ", ".join(channel.name for channel in channels) or f"none ({VARIABLE})"
        say(f"{counted(len(found), 'alert')}; channels: {names}")
    return USAGE if problems else 0


def _test(settings: Settings) -> int:
    """Send a test message to each channel. Returns the exit code."""
    channels, problems = channels_of(settings)
    for problem in problems:
        warn(problem)
    if not settings.alerts:
        raise ConfigurationError(f"{VARIABLE} is empty; expected one Apprise URL or more")
    for channel in channels:
        failure = send(channel, TEST_TITLE, TEST_BODY)
        if failure is None:
            say_labelled(channel.name, "sent")
        else:
            warn_labelled(channel.name, f"not sent: {failure}")
            problems.append(failure)
    return FAILED if problems else 0


def _show(alert: Alert, announced: Announced | None, now: datetime) -> None:
    say_labelled(_state(announced, now), alert.title)
    for line in alert.body.splitlines():
        say_labelled("", line)


def _record(alert: Alert, announced: Announced | None, now: datetime) -> dict[str, Any]:
    known = announced.model_dump(mode="json", exclude={"title"}) if announced else {}
    about = {"key": alert.key, "title": alert.title, "body": alert.body}
    return about | {"state": _state(announced, now)} | known


def _state(announced: Announced | None, now: datetime) -> str:
    """Whether an alert was announced, in a word."""
    if announced is None:
        return "new"
    if announced.is_given_up(now):
        return "given up"
    return "waiting" if announced.waiting else "announced"
