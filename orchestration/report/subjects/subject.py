"""A page of exhibits."""

from dataclasses import dataclass

from orchestration.report.exhibit import Exhibit


@dataclass(frozen=True)
class Subject:
    """A page about one subject.

    file: its name in the report. short: its name in the navigation.
    about: what it has, as an entry of a list. lead: its first paragraph.
    """

    file: str
    short: str
    title: str
    about: str
    lead: str
    exhibits: tuple[Exhibit, ...]
