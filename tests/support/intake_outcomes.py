"""Outcomes of intake: what it makes of one file that is put into the landing folder.

What belongs here: taking in a file, and the reason if it is refused.
"""

from pathlib import Path

from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.settings import Settings
from tests.support.cbp_files import SOUTHWEST, candidate

NAME = "sbo-encounters-fy23-fy25-nov.csv"
PAGE = b"<!DOCTYPE html><html><body>Access denied</body></html>"


def take(
    settings: Settings,
    content: bytes,
    published: str = "2024-12",
    name: str = NAME,
    dataset: str = SOUTHWEST,
) -> IntakeOutcome:
    """Put a file into the landing folder and have a new Intake take it."""
    return Intake(settings).take(candidate(settings.landing[0], content, published, name, dataset))


def refusal(
    settings: Settings, content: bytes, published: str = "2024-12", name: str = NAME
) -> str:
    """Return why a file is refused; check that its bytes are kept, without rows."""
    outcome = take(settings, content, published, name)
    assert outcome.kind == "refused"
    assert outcome.release is not None
    assert outcome.release.verdict == "refused"
    archive = Archive(settings.archive)
    assert archive.bytes_of(outcome.release) == content
    assert not list(archive.folder_of(outcome.release).glob("*.parquet"))
    assert outcome.reason == outcome.release.reason
    assert outcome.reason is not None
    assert outcome.reason.startswith(f"{name}: ")
    return outcome.reason.removeprefix(f"{name}: ")


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of the last change of every file below a folder."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def accepted(archive: Archive, dataset: str) -> list[Release]:
    """Return the accepted releases of a dataset."""
    releases = archive.releases()
    return [r for r in releases if r.verdict == "accepted" and r.dataset == dataset]
