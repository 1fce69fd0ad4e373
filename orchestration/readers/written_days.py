"""Days as agencies write them in titles and footnotes: month first, in digits or with a name.

What belongs here: finding such a day in a text. What the day is of belongs to each layout.
"""

import re
from collections.abc import Iterator
from datetime import date

from orchestration.catalogue.file_names import MONTHS

# 01/25/2026, 1/25/26, 01.25.2026, 2026-01-25, 2026/01/25, January 25, 2026, Jan. 25th, 2026,
# 25 January 2026, 25JAN2026
DAY = (
    r"(?:\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)|\d{1,2}[.-]\d{1,2}[.-](?:\d{4}|\d\d)"
    r"|\d{4}[/-]\d{1,2}[/-]\d{1,2}|[a-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? ?\d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)?(?: of)?[ -]?[a-z]{3,9}\.?,?[ -]?\d{4})\b"
)
# what may stand between the words and the day
BEFORE_DAY = (
    r"(?:the )?(?:(?:end|close) of (?:the )?(?:day|business)(?: on)?,? )?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_IN_DIGITS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]?([A-Za-z]{3,9})\.?,?[ -]?(\d{4})")
_WITH_NAME = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? ?(\d{4})")


def after(words: str) -> re.Pattern[str]:
    """What finds a day that follows these words, an expression. Its only group is the day."""
    return re.compile(rf"\b(?:{words}) {BEFORE_DAY}({DAY})", re.IGNORECASE | re.DOTALL)


def days_in(text: str, pattern: re.Pattern[str]) -> Iterator[date]:
    """The days that a pattern of `after` finds, in the order of the text. What is no day of the
    calendar is left out."""
    for written in pattern.findall(" ".join(text.split())):
        if (day := day_of(written)) is not None:
            yield day


def day_of(written: str) -> date | None:
    """The day that a text matching DAY writes; None if it is no day of the calendar."""
    if found := _YEAR_FIRST.fullmatch(written):
        year, month, day = map(int, found.groups())
    elif found := _IN_DIGITS.fullmatch(written):
        month, day, year = map(int, found.groups())
    elif found := _WITH_NAME.fullmatch(written):
        month, day, year = _month_named(found[1]), int(found[2]), int(found[3])
    elif found := _DAY_FIRST.fullmatch(written):
        month, day, year = _month_named(found[2]), int(found[1]), int(found[3])
    else:
        return None
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None


def _month_named(name: str) -> int:
    """The number of a month; 0 for another word."""
    short = name.lower()[:3]
    return MONTHS.index(short) + 1 if short in MONTHS else 0
