"""A claim: what somebody said, as a row of a table, and as something that can be tested.

What belongs here: the row's columns, and reading them. Files of rows are read in `files`. What the
tests do is in `comparisons`, which of them there are in `questions`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

TYPED = {"stated_on": "a day, such as 2024-12-20", "precision": "a number, such as 10"}


class InvalidClaim(ValueError):
    """What is wrong with a claim, and what is possible instead."""


class Claim(BaseModel):
    """One statement about a measure.

    claim: the wording as reported. measure: its name, or another name of it. period: see
    `periods.KNOWN`; two of them, joined by a slash, for changes. test: see `questions.TESTS`.
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
    precision: float | None = None
    of: str = ""
    stated_on: date | None = None
    document: str = ""
    outlet: str = ""
    speaker: str = ""
    url: str = ""
    unit: str = ""
    note: str = ""
    problem: str = ""

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

    @classmethod
    def of_row(cls, row: Mapping[str, str | None]) -> Self:
        """A claim of a CSV row. One that cannot be read has its text, and says what is wrong."""
        given = {name: text for name, text in row.items() if name and text is not None}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            found = error.errors()[0]
            column = str(found["loc"][0])
            readable = {name: text for name, text in given.items() if name not in TYPED}
            problem = f"{column}: found {found['input']!r}, expected {TYPED[column]}"
            return cls.model_validate({**readable, "problem": problem})
