"""Text from outside (names, cells, reasons), made safe to show.

What belongs here: the one function through which such text reaches a terminal or a log, and those
that put a value into a message. Control characters in it could move the cursor, change colours, or
forge a line of output.
"""

LONGEST = 100  # characters of a value in a message; the catalogue's titles and labels have fewer


def printable(text: str) -> str:
    """The text on one line, with whatever is not printable escaped: `\\n` for a line end."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def quoted(value: str) -> str:
    """A value in quotes for a message, cut to a readable length."""
    return repr(shortened(value))


def shortened(value: str) -> str:
    """A value for a message, cut to a readable length."""
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", errors="backslashreplace").decode("ascii")
