"""The number that a claim states, and how exactly it was said.

What belongs here: reading such a number. What it is compared with is a figure.
"""

import re
from dataclasses import dataclass
from math import inf

from orchestration.claims.claim import shown
from orchestration.claims.interval import Interval

WHOLE_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})"  # 46,61 may be 46.61, or 4,661
NUMBER = re.compile(
    rf"(-?{WHOLE_NUMBER}(?:\.[0-9]{{1,9}})?)\s*(thousand|k|million|m|%|percent|per cent)?",
    re.IGNORECASE,
)
SCALES = {"thousand": 1_000, "k": 1_000, "million": 1_000_000, "m": 1_000_000}
MOST_ROUNDED = 0.01  # of the number: trailing zeros are no licence for more
ABOUT = 0.05  # how far `about`, `doubled` and `one in three` may be off, of the number
RATIO = re.compile(r"(\w+) in (\w+)")
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class StatedNumber:
    """A number as a person said it. tolerance: how far the truth may be from it for it still to be
    that number, rounded."""

    value: float
    tolerance: float

    @classmethod
    def parse(cls, text: str, precision: float | None = None) -> "StatedNumber":
        """Read a number such as `46,610`, `2.5 million` or `-17.5 %`. Raises ValueError.

        precision: to what it was said to be rounded, such as 10; default: to its last digit that
            is not zero, but to 1 % of the number at most.
        """
        if (found := NUMBER.fullmatch(text.strip())) is None:
            raise ValueError(f"found {shown(text)}, expected a number such as 46,610 or -17.5")
        plain, scale = found[1].replace(",", ""), SCALES.get((found[2] or "").casefold(), 1)
        value = float(plain) * scale
        if precision is not None:
            if not 0 < precision < inf:
                raise ValueError(f"found the precision {precision}, expected one such as 10")
            return cls(value, precision / 2)
        last = _last_digit(plain) * scale
        return cls(value, min(last / 2, max(abs(value) * MOST_ROUNDED, 0.5)))

    @classmethod
    def parse_share(cls, text: str, precision: float | None = None) -> "StatedNumber":
        """Read a share in percent, or one such as `one in three` or `2 in 5`, which may be off by
        5 %. Raises ValueError."""
        if (ratio := RATIO.fullmatch(text.strip().casefold())) is None:
            return cls.parse(text, precision)
        part, whole = (_small_number(word) for word in ratio.groups())
        if not 0 < part <= whole:
            raise ValueError(f"found {shown(text)}, expected a share such as 33.3 or one in three")
        percent = 100 * part / whole
        return cls(percent, percent * ABOUT)

    @property
    def about(self) -> Interval:
        """The numbers that are about this one: within 5 %."""
        return Interval.around(self.value, max(self.tolerance, abs(self.value) * ABOUT))

    @property
    def band(self) -> Interval:
        """The numbers that are this one, rounded."""
        return Interval.around(self.value, self.tolerance)


def _small_number(word: str) -> int:
    """A number in digits, or a word for one up to ten; 0 for anything else."""
    if word in WORDS:
        return WORDS.index(word) + 1
    return int(word) if word.isascii() and word.isdigit() else 0


def _last_digit(plain: str) -> float:
    """What a step of the last digit is worth that is not a trailing zero: 10 for 46610, 0.1 for
    17.5, and 1 for 0."""
    whole, _, decimals = plain.lstrip("-").partition(".")
    if decimals:
        return float(10.0 ** -len(decimals))
    digits = whole.rstrip("0")
    return float(10.0 ** (len(whole) - len(digits))) if digits else 1.0
