"""When a release was published, to the day or only to the month."""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Precision = Literal["day", "month"]


@dataclass(frozen=True)
class PublicationDate:
    """When a release was published. If only the month is known, `on` is its last day, so that
    nothing counts as known too early."""

    on: date
    precision: Precision

    @classmethod
    def parse(cls, text: str) -> "PublicationDate":
        """Parse `YYYY-MM-DD` or `YYYY-MM`. Raises ValueError that says what was found."""
        malformed = ValueError(f"found the date {text!r}, expected YYYY-MM-DD or YYYY-MM")
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
            raise malformed
        try:
            first = date.fromisoformat(text if len(text) == len("YYYY-MM-DD") else f"{text}-01")
        except ValueError:
            raise malformed from None
        if len(text) == len("YYYY-MM-DD"):
            return cls(first, "day")
        return cls(first.replace(day=calendar.monthrange(first.year, first.month)[1]), "month")

    @property
    def earliest(self) -> date:
        """Return the first day on which it may have been published."""
        return self.on if self.precision == "day" else self.on.replace(day=1)

    def __str__(self) -> str:
        return self.on.isoformat() if self.precision == "day" else f"{self.on:%Y-%m}"
