"""The console of a run: one line for each message of a step, on standard error.

Dagster's own events are left to its UI.
"""

import logging
import sys

import dagster as dg

from orchestration.printable import printable


@dg.logger({}, description="One line for each message of a step, none for Dagster's own events.")
def console(_: dg.InitLoggerContext) -> logging.Logger:
    """A logger that writes time, step and message."""
    logger = logging.Logger("borderledger", level=logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(lambda record: _meta(record, "dagster_event") is None)
    # about a step that a failed gate stops; the gate has already said why, with the rows
    handler.addFilter(lambda record: not _message(record).startswith("Dependencies for step "))
    handler.setFormatter(_StepFormatter())
    logger.addHandler(handler)
    return logger


class _StepFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        step = _meta(record, "step_key") or "run"
        level = "" if record.levelno <= logging.INFO else f"{record.levelname.lower()}: "
        # a line of another's text must not look like one of the run's own
        message = f"\n{' ' * 29}".join(map(printable, _message(record).split("\n")))
        return f"{self.formatTime(record, '%H:%M:%S')}  {step:<18} {level}{message}"


def _message(record: logging.LogRecord) -> str:
    return str(_meta(record, "orig_message") or record.getMessage())


def _meta(record: logging.LogRecord, name: str) -> object:
    meta = getattr(record, "dagster_meta", {})
    return meta.get(name) if isinstance(meta, dict) else getattr(meta, name, None)
