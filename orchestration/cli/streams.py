"""Standard output and standard error as the command writes them: what cannot be written ends it
with an error that names the stream.

What belongs here: the streams, and their errors. Imports only modules that Python has loaded by
itself, since it is used before the libraries are.
"""

import io
import os
import sys
from typing import Any, TextIO

NAMES = {"stdout": "standard output", "stderr": "standard error"}


class OutputError(OSError):
    """A stream that cannot be written: which, and why. It has no number, by which libraries would
    take it for an error of theirs."""


class OutputClosed(OutputError):
    """A stream whose reader has gone, such as `head` once it has its lines."""


class _Descriptor(io.FileIO):
    """A stream's descriptor, which raises OutputError."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__(number, "w", closefd=False)
        self._name = name

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError as error:
            raise OutputClosed(f"{self._name}: closed by its reader") from error
        except OSError as error:
            raise OutputError(
                f"{self._name}: cannot be written: {error.strerror}; make room where it goes, or "
                "send it elsewhere"
            ) from error


def watch_streams() -> None:
    """Let standard output and standard error of this process raise OutputError from now on, each
    with the encoding and the buffer that it has."""
    for attribute, name in NAMES.items():
        stream = getattr(sys, attribute)
        if not isinstance(stream, io.TextIOWrapper):  # none if the process was started without it
            continue
        descriptor = _Descriptor(stream.fileno(), name)
        stream.flush()
        watched = io.TextIOWrapper(
            descriptor if stream.write_through else io.BufferedWriter(descriptor),
            encoding=stream.encoding,
            errors=stream.errors,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        )
        setattr(sys, attribute, watched)


def flush_streams() -> None:
    """Write what is still in the buffers. Raises OutputError."""
    for stream in _streams():
        stream.flush()


def let_go_of_streams() -> None:
    """Lose what is still in the buffer of a stream that cannot be written: when the process ends
    it is written again, and would fail with an exit code of Python's."""
    for stream in _streams():
        try:
            stream.flush()
        except OutputError:
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)


def _streams() -> list[TextIO]:
    """The streams that the process has."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]
