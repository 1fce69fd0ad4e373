"""Lines that fit the terminal.

What belongs here: how wide a stream is, and where a line ends. What is printed is decided by those
who print.
"""

import contextlib
import os
import re
from typing import TextIO

USUAL = 80  # columns

# a command in backticks is one word, as it is copied whole
WORD = re.compile(r"(\s*)((?:`[^`]*`|\S)+)")


def width_of(stream: TextIO | None) -> int | None:
    """The columns of a terminal, or those in COLUMNS. None for a pipe or a file, in which a
    message stays one line, which can be searched, and for a stream that the process has not."""
    with contextlib.suppress(ValueError):
        if (columns := int(os.environ.get("COLUMNS", ""))) > 0:
            return columns
    if stream is None or not stream.isatty():
        return None
    with contextlib.suppress(OSError):  # a terminal that does not say
        return os.get_terminal_size(stream.fileno()).columns or USUAL
    return USUAL


def wrapped(text: str, width: int | None, hang: str = "") -> str:
    """A line's text as lines of at most so many columns. No word is cut: one that is wider, such
    as a path or a command, has a line of its own.

    width: None to leave it as it is. hang: what further lines begin with.
    """
    if width is None or len(text) <= width:
        return text
    lines: list[str] = []
    for gap, word in WORD.findall(text):
        if not lines:
            lines = [gap + word]
        elif len(lines[-1]) + len(gap) + len(word) <= width:
            lines[-1] += gap + word
        else:
            lines.append(hang + word)
    return "\n".join(lines)
