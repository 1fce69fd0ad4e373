"""Text from outside (names, cells, reasons), made safe to show.

What belongs here: the one function through which such text reaches a terminal or a log. Control
characters in it could move the cursor, change colours, or forge a line of output.
"""


def printable(text: str) -> str:
    """The text on one line, with whatever is not printable escaped: `\\n` for a line end."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", errors="backslashreplace").decode("ascii")
