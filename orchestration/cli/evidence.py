"""The releases behind a claim, as lines: which file, of which dataset, from when, and where.

What belongs here: which of them are shown, and how they are marked. What bears on a claim is found
in `claims.checking`.
"""

from collections.abc import Iterable

from orchestration.builds.reading import ClaimEvidence
from orchestration.claims.phrases import OF_TWO
from orchestration.cli.output import say_below
from orchestration.releases.publication import PublicationDate
from orchestration.wording import counted

TESTED, COMPARED = "figure tested", "compared with"
SHOWN, OTHERS_SHOWN = 6, 3  # of the figures tested, and of each other role


def show_evidence(test: str, figures: Iterable[ClaimEvidence]) -> None:
    """Print where the figures of a claim are from, newest first and each release once: of those
    that were compared only where a test compares with one period or one whole (of records they are
    all the months before), and of those of the day of the statement only what is no longer used.
    """
    shown = [one for one in figures if one.role != COMPARED or test in OF_TWO]
    now = {one.release_id for one in shown if one.vantage == "now"}
    shown = [one for one in shown if one.vantage == "now" or one.release_id not in now]
    shown.sort(key=lambda one: (one.published_on, one.file_name), reverse=True)
    shown.sort(key=lambda one: (one.vantage != "now", one.role != TESTED, one.role != COMPARED))
    marks: dict[str, str] = {}  # by line, that of the first figure that it is of
    for one in shown:
        marks.setdefault(_line(one), _mark(one))
    more = 0
    for mark in dict.fromkeys(marks.values()):
        lines = [line for line, its in marks.items() if its == mark]
        most = OTHERS_SHOWN if mark else SHOWN
        for line in lines[:most]:
            say_below(f"{mark}{line}")
        more += max(len(lines) - most, 0)
    if more:
        say_below(f"and {counted(more, 'more release')}: `--json` lists them all")


def _line(one: ClaimEvidence) -> str:
    published = PublicationDate(one.published_on, one.published_precision)
    return f"{one.file_name}, {one.dataset}, published {published}: {one.url}"


def _mark(one: ClaimEvidence) -> str:
    """What a figure is, unless it is that of today which was tested."""
    role = {TESTED: "", COMPARED: "compared with"}.get(one.role, "another measure")
    if one.kind == "stated":
        role = "statement"
    when = "" if one.vantage == "now" else "as published then"
    words = [word for word in (role, when) if word]
    return f"{', '.join(words)}: " if words else ""
