"""The console of a run: a line for each message, wrapped on a terminal."""

import dagster as dg
import pytest

from orchestration.automation.console import console

SENTENCE = f"warned: {'word ' * 30}see `borderledger gates` or /srv/{'x' * 60}"


@dg.op
def speak(context: dg.OpExecutionContext) -> None:
    context.log.warning(SENTENCE)


@dg.job(logger_defs={"console": console})
def speaking() -> None:
    speak()


def lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    """What the run of a step with one message writes."""
    speaking.execute_in_process(run_config={"loggers": {"console": {"config": {}}}})
    return capfd.readouterr().err.splitlines()


def test_a_message_is_one_line_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    [line] = lines(capfd)
    assert line.endswith(f"  speak              warning: {SENTENCE}")


def test_on_a_terminal_it_is_wrapped_below_itself(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    first, *further, path = lines(capfd)
    assert "  speak              warning: warned: word" in first
    assert len(further) > 2
    assert all(len(line) <= 80 for line in (first, *further))
    assert all(line.startswith(f"{' ' * 29}word") for line in further[:-1])
    assert path == f"{' ' * 29}/srv/{'x' * 60}"
