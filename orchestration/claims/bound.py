"""What was said of a change, a share or an average: a number, or a bound such as `more than 50`.

What belongs here: the words before the number. The number itself is read in `stated`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from orchestration.claims.interval import Interval, every
from orchestration.claims.stated import StatedNumber

SAY_ABOUT = ("about", "around", "roughly", "nearly", "almost")
WORDS = re.compile(
    r"(more than|over|at least|fewer than|less than|under|up to|at most"
    rf"|{'|'.join(SAY_ABOUT)})\s+(.+)"
)
NOTHING = Interval.exactly(0.0)
Parse = Callable[[str], StatedNumber]


@dataclass(frozen=True)
class Bound:
    """A stated number, and how what was found is compared with it. words: empty for the number
    itself. Of a fall, `more than -50` is a fall by more than 50."""

    number: StatedNumber
    words: str = ""

    @classmethod
    def parse(cls, text: str, parse: Parse = StatedNumber.parse) -> "Bound":
        """Read `50`, `more than 50` or `about 50`, which `nearly 50` counts as. Raises
        ValueError."""
        found = WORDS.fullmatch(text.strip().casefold())
        if found is None:
            return cls(parse(text))
        return cls(parse(found[2]), "about" if found[1] in SAY_ABOUT else found[1])

    def holds(self, found: Interval) -> bool | None:
        """Whether a value is as it was said."""
        value = Interval.exactly(abs(self.number.value))
        size = found if self.number.value >= 0 else found.negated
        match self.words:
            case "more than" | "over":
                return size.is_above(value)
            case "at least":
                return size.is_at_least(value)
            case "fewer than" | "less than" | "under":  # a fall is no rise by less
                return every([size.is_at_least(NOTHING), size.is_below(value)])
            case "up to" | "at most":
                return every([size.is_at_least(NOTHING), size.is_at_most(value)])
            case "about":
                return found.is_within(self.number.about)
        return found.is_within(self.number.band)
