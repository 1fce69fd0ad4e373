"""Faults in time: publication dates, and the months that a file covers."""

from datetime import UTC, datetime, timedelta, tzinfo
from unittest.mock import patch

from orchestration.builds.build import all_builds, open_build
from orchestration.builds.fingerprint import Fingerprint
from orchestration.intake.fetch import fetch
from orchestration.review.review import review
from orchestration.settings import BUNDLED
from tests.resilience.faults.fault import Fault, Observed, Sandbox
from tests.resilience.faults.faulty_releases import (
    NAME,
    NEXT,
    PUBLISHED,
    File,
    release_fault,
    take_in,
)
from tests.support.cbp_files import SOUTHWEST, Made, made

OCTOBER = "sbo-encounters-fy22-fy25-oct.csv"
STATEMENTS = "san_diego_street_releases"


def _tomorrow() -> str:
    return str((datetime.now(UTC) + timedelta(days=2)).date())


def _until(release: Made, last: tuple[str, str]) -> Made:
    """A release without the months after one of the open year."""
    order = ("OCT", "NOV")
    gone = order[order.index(last[1]) + 1 :]
    return release.keeping(
        lambda row: row["fiscal_year"] != last[0] or row["month_name"] not in gone
    )


def _larger(release: Made, row: int) -> Made:
    count = int(release.column("encounters")[row].replace(",", ""))
    return release.with_cell(row, "encounters", str(count + 1))


def _same_url_new_bytes(release: Made) -> tuple[File, ...]:
    """The file is replaced in its place: one name, one date, other bytes."""
    return File(release.bytes(), name=NAME), File(_larger(release, 0).bytes(), name=NAME)


def _as_new(release: Made) -> tuple[File, ...]:
    """The same bytes again, under the next month's name and date."""
    return File(release.bytes(), PUBLISHED, NAME), File(
        release.bytes(), NEXT, NAME.replace("nov", "dec")
    )


def _older_as_new(release: Made) -> tuple[File, ...]:
    """The file of the month before, saved again under a name without a month."""
    older = _until(release, ("2025 (FYTD)", "OCT"))
    return File(release.bytes(), PUBLISHED), File(older.bytes("\n"), NEXT, "again.csv")


def _last_months_file(release: Made) -> tuple[File, ...]:
    return (File(_until(release, ("2025 (FYTD)", "OCT")).bytes(), name=NAME),)


def _statement_of_tomorrow(sandbox: Sandbox) -> Observed:
    [bundled] = (BUNDLED / STATEMENTS).glob("*/*.csv")
    content = bundled.read_bytes().replace(b"\n", b"\r\n")  # other bytes than are bundled
    return take_in(sandbox, File(content, "2023-10-01", bundled.name, STATEMENTS))


class _Later(datetime):
    """The clock, three days ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(days=3)


def _future_that_has_come(sandbox: Sandbox) -> Observed:
    """A file refused for a date in the future is accepted once that day has come, from the
    archive: the publisher's site may not send it again."""
    take_in(sandbox, File(made().bytes(), _tomorrow()))
    with patch("orchestration.intake.file_checks.datetime", _Later):
        fetch(sandbox.settings, [SOUTHWEST])
    [release] = review(sandbox.archive).releases
    if release.verdict == "accepted":
        return Observed("repaired", (), "")
    return Observed("missed", release.checks, release.reason or "")


def _clock_set_back(sandbox: Sandbox) -> Observed:
    """The last build is dated far ahead, by a clock that was wrong."""
    builds = sandbox.settings.builds
    last = open_build(builds, "the-first", Fingerprint("a", "b", "c"))
    (last.folder / "build.json").write_text("{}")
    last.folder.rename(builds / "20990101T000000Z-the-firs")
    new = open_build(builds, "the-second", Fingerprint("a", "b", "c"))
    order = [build.build_id for build in all_builds(builds)]
    right = order == ["20990101T000000Z-the-firs", new.build_id]
    return Observed("no harm" if right else "missed", (), str(order))


def _refused_for_another_date(sandbox: Sandbox) -> Observed:
    """Bytes that were refused under a wrong date are archived under the right one."""
    content = made().bytes()
    take_in(sandbox, File(content, "2023-01"))
    return take_in(sandbox, File(content, PUBLISHED))


TIMES = (
    release_fault(
        "publication in the future",
        "A release dated the day after tomorrow.",
        "refused",
        "publication_is_past",
        ("found the publication date", "expected one not after"),
        lambda release: (File(release.bytes(), _tomorrow()),),
    ),
    Fault(
        "publication whose day has come",
        "The same file, some days later.",
        "repaired",
        None,
        (),
        _future_that_has_come,
    ),
    release_fault(
        "month beyond the publication",
        "Figures for November in a file of June.",
        "refused",
        "figures_precede_publication",
        ("found figures for 2024-11", "2024-06"),
        lambda release: (File(release.bytes(), "2024-06"),),
    ),
    Fault(
        "statement of a later day",
        "A statement made after the transcription was published.",
        "refused",
        "figures_precede_publication",
        ("expected none after 2023-10-01",),
        _statement_of_tomorrow,
    ),
    release_fault(
        "last month's file under this month's name",
        "The name says November; the last month is October.",
        "refused",
        "name_keeps_its_promise",
        ("found 2024-10", "month 11 of FY2025"),
        _last_months_file,
    ),
    release_fault(
        "same bytes under a new name",
        "Last month's file again, under a new name and date.",
        "duplicate",
        "release_id",
        "found the same bytes as release",
        _as_new,
    ),
    release_fault(
        "older than the last release",
        "An older file, saved again and dated as the newest.",
        "held",
        "months_reach_as_far",
        ("found figures up to 2024-10 only", "up to 2024-11 at least"),
        _older_as_new,
    ),
    release_fault(
        "same URL, new bytes",
        "A file replaced in its place; a closed month grew by one.",
        "held",
        "totals_stay",
        ("closed fiscal year", "moved by +1"),
        _same_url_new_bytes,
    ),
    Fault(
        "right file under a wrong date",
        "Refused for its date, then dated correctly.",
        "archived",
        None,
        (),
        _refused_for_another_date,
    ),
    Fault(
        "clock set back",
        "The last build is dated ahead of the clock.",
        "no harm",
        None,
        (),
        _clock_set_back,
    ),
)
