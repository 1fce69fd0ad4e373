"""An offer: a file that may become a release, and when it was published.

What belongs here: the words that landing folders, publishers' sites and the archive
share. Nothing is opened or fetched.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

Precision = Literal["day", "month"]


@dataclass(frozen=True)
class PublicationDate:
    """When a release was published. Known only to the month, it counts from the month's
    last day, so that nothing is known too early."""

    on: date
    precision: Precision

    @classmethod
    def parse(cls, text: str) -> "PublicationDate":
        """Read `YYYY-MM-DD` or `YYYY-MM`. Raises ValueError that says what was found."""
        unfit = ValueError(f"found the date {text!r}, expected YYYY-MM-DD or YYYY-MM")
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
            raise unfit
        try:
            first = date.fromisoformat(text if len(text) == len("YYYY-MM-DD") else f"{text}-01")
        except ValueError:
            raise unfit from None
        if len(text) == len("YYYY-MM-DD"):
            return cls(first, "day")
        return cls(first.replace(day=calendar.monthrange(first.year, first.month)[1]), "month")

    @property
    def earliest(self) -> date:
        """The first day on which it may have been published."""
        return self.on if self.precision == "day" else self.on.replace(day=1)

    def __str__(self) -> str:
        return self.on.isoformat() if self.precision == "day" else f"{self.on:%Y-%m}"


@dataclass(frozen=True)
class Offer:
    """A file that may be a release: nothing of it has been believed yet.

    source: where it came from, for people: a URL, or the path inside the landing folder.
    """

    path: Path
    dataset: str
    published_on: PublicationDate
    file_name: str
    source: str
