"""The console of a run: one line for each message of a step, on standard error; wrapped on a
terminal.

Dagster's own events are left to its UI.
"""

import logging
import sys

import dagster as dg

from orchestration.printable import printable
from orchestration.wrapping import width_of, wrapped

STEP = 18  # columns
HANG = " " * 29  # below the message, after time and step


@dg.logger({}, description="One line for each message of a step, none for Dagster's own events.")
def console(_: dg.InitLoggerContext) -> logging.Logger:
    """As `console_logger`."""
    return console_logger()


def console_logger() -> logging.Logger:
    """A logger that writes time, step and message."""
    logger = logging.Logger("borderledger", level=logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(lambda record: _meta(record, "dagster_event") is None)
    # about a step that a failed gate stops; the gate has already said why, with the rows
    handler.addFilter(lambda record: not _message(record).startswith("Dependencies for step "))
    # now, as Dagster puts a file in its place while a step runs
    handler.setFormatter(_StepFormatter(width_of(sys.stderr)))
    logger.addHandler(handler)
    return logger


def show_step(logger: logging.Logger, step: str, message: str) -> None:
    """Write a message of a step that runs elsewhere, as if it ran here."""
    logger.info(message, extra={"dagster_meta": {"step_key": step, "orig_message": message}})


class _StepFormatter(logging.Formatter):
    def __init__(self, width: int | None) -> None:
        """width: of the terminal; None for a pipe or a file."""
        super().__init__()
        self._width = width

    def format(self, record: logging.LogRecord) -> str:
        step = _meta(record, "step_key") or "run"
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        start = f"{self.formatTime(record, '%H:%M:%S')}  {step:<{STEP}} {level}"
        first, *further = map(printable, _message(record).split("\n"))
        # a line of another's text must not look like one of the run's own
        lines = [f"{start}{first}", *(f"{HANG}{line}" for line in further)]
        return "\n".join(wrapped(line, self._width, HANG) for line in lines)


def _message(record: logging.LogRecord) -> str:
    return str(_meta(record, "orig_message") or record.getMessage())


def _meta(record: logging.LogRecord, name: str) -> object:
    meta = getattr(record, "dagster_meta", {})
    return meta.get(name) if isinstance(meta, dict) else getattr(meta, name, None)
