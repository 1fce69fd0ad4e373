"""The data dictionary as pages: a list of the tables by subject, and a page for each subject."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from orchestration.dictionary.picture import picture
from orchestration.dictionary.subjects import SUBJECTS
from orchestration.dictionary.tables import Check, Table

FIRST_PAGE = "dictionary.html"
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Section:
    """The tables of a subject: their page, and their picture (an svg element, empty where none of
    them has keys in common with a dimension)."""

    title: str
    file: str
    tables: tuple[Table, ...]
    picture: Markup


def sections(tables: Sequence[Table]) -> tuple[Section, ...]:
    """The subjects that have tables, in the order of docs/analyst.md."""
    dimensions = [table for table in tables if table.name.startswith("dim_")]
    found = []
    for subject in SUBJECTS:
        of_subject = tuple(table for table in tables if table.subject == subject)
        if of_subject:
            others = [table for table in dimensions if table.subject != subject]
            title = f"Keys and references of the tables under {subject}"
            drawn = any(t.schema == "main" for t in of_subject)
            svg = picture([*of_subject, *others], address, title) if drawn else ""
            # the picture escapes what it writes
            found.append(Section(subject, file_of(subject), of_subject, Markup(svg)))  # noqa: S704
    return tuple(found)


def file_of(subject: str) -> str:
    """The page of a subject."""
    return f"dictionary-{re.sub(r'[^a-z]+', '-', subject.lower())}.html"


def address(table: Table) -> str:
    """The address of a table's entry, relative to any page of the report."""
    return f"{file_of(table.subject)}#{table.full_name}"


def result_in_words(check: Check) -> str:
    """How a check went in the build."""
    if check.status == "not applicable":
        return "does not apply: no release of its dataset"
    if check.status == "failed":
        rows = f": {check.unexpected:,} rows" if check.unexpected else ""
        return f"failed, a {check.severity}{rows}"
    return check.status


def with_code(text: str) -> Markup:
    """A text in which what is between backticks is code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704
