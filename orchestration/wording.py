"""Numbers of things in words.

What belongs here: the right form for one and for several, for every sentence that counts.
"""


def counted(number: int, thing: str, things: str | None = None) -> str:
    """The number and the thing that is counted: `1 release`, `1,018 releases`.

    things: the form for several, if it is not that for one with an s.
    """
    return f"{number:,} {form(number, thing, things)}"


def form(number: int, one: str, several: str | None = None) -> str:
    """A word as it is for this number: `row` or `rows`, `is` or `are`.

    several: the form for several, if it is not that for one with an s.
    """
    if number == 1:
        return one
    return f"{one}s" if several is None else several
