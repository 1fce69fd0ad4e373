"""A claim: what somebody said, as a row of a table, and as something that can be tested.

What belongs here: the row's columns, and reading them. Files of rows are read in `files`. What the
tests do is in `comparisons`, which of them there are in `questions`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

FIRST_YEAR, LAST_YEAR = 1800, 2199  # of statements, as of periods
TYPED = {
    "stated_on": f"a day of {FIRST_YEAR} to {LAST_YEAR}, such as 2024-12-20",
    "precision": "a number, such as 10",
}
SHORT = ("claim_id", "measure", "part", "period", "test", "value", "of", *TYPED)
MOST_CHARACTERS = 200  # in a column of SHORT: they are in messages and tables
CHARACTERS_SHOWN = 40


class InvalidClaim(ValueError):
    """What is wrong with a claim, and what is possible instead."""


def shown(text: str) -> str:
    """Text from outside, quoted, and cut to a length that a message can have."""
    return repr(text if len(text) <= CHARACTERS_SHOWN else f"{text[:CHARACTERS_SHOWN]}…")


class Claim(BaseModel):
    """One statement about a measure.

    claim: the wording as reported. measure: its name, or another name of it. period: see
    `periods.KNOWN`; two of them, joined by a slash, for changes. test: see `questions.TESTS`; in
    lower case, however it was written.
    part: a label of a breakdown, as `sector=San Diego Sector`; empty for the whole.
    value: the number, month or year that it states; empty for tests without one. precision: to what
    a number was said to be rounded. of: the measure of the whole, for shares. problem: why its row
    cannot be read.
    """

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, extra="ignore")

    claim_id: str
    claim: str = ""
    measure: str = ""
    part: str = ""
    period: str = ""
    test: str = ""
    value: str = ""
    precision: float | None = Field(default=None, allow_inf_nan=False)
    of: str = ""
    stated_on: date | None = None
    document: str = ""
    outlet: str = ""
    speaker: str = ""
    url: str = ""
    unit: str = ""
    note: str = ""
    problem: str = ""

    @field_validator("test")
    @classmethod
    def _lower_case(cls, value: str) -> str:
        return " ".join(value.split()).casefold()

    @field_validator("precision", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("stated_on", mode="before")
    @classmethod
    def _iso_day(cls, value: object) -> object:
        """As ISO 8601 writes it; as a number it would be taken for seconds since 1970."""
        if not isinstance(value, str):
            return value
        return date.fromisoformat(value.strip()) if value.strip() else None

    @field_validator("stated_on")
    @classmethod
    def _of_known_years(cls, value: date | None) -> date | None:
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"found {value}, expected {TYPED['stated_on']}")
        return value

    @classmethod
    def of_row(cls, row: Mapping[str, str | None]) -> Self:
        """A claim of a CSV row. One that cannot be read has its text, and says what is wrong."""
        given = {name: text for name, text in row.items() if name and text is not None}
        for column in SHORT:
            if len(given.get(column, "")) > MOST_CHARACTERS:
                return cls._unread(given, column, f"{MOST_CHARACTERS} characters at most")
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            column = str(error.errors()[0]["loc"][0])
            return cls._unread(given, column, TYPED.get(column, "text"))

    @classmethod
    def _unread(cls, given: Mapping[str, str], column: str, expected: str) -> Self:
        """The claim of a row of which a column cannot be read, without that column."""
        readable = {
            name: text
            for name, text in given.items()
            if name not in (column, *TYPED) and not (name in SHORT and len(text) > MOST_CHARACTERS)
        }
        problem = f"{column}: found {shown(given[column])}, expected {expected}"
        return cls.model_validate({"claim_id": "", **readable, "problem": problem})
