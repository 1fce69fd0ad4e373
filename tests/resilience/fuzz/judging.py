"""The judgement under test: what the intake makes of one file.

What belongs here: what runs in the watched process. How it is watched belongs to `watching`.
"""

import tempfile
from pathlib import Path

from orchestration.intake.intake import Intake
from orchestration.settings import Settings
from tests.resilience.fuzz.watching import Input, Outcome
from tests.support.cbp_files import candidate


class Unsound(Exception):
    """The intake came to an end, but not to one of the two that it promises."""


def judge(given: Input) -> Outcome:
    """Candidate a file to a new archive. Raises Unsound unless it was archived with rows, or
    refused with a reason that says what was found; and whatever the intake raises."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        offered = candidate(
            Path(folder) / "landing", given.content, given.published, given.file_name, given.dataset
        )
        intake = Intake(Settings(Path(folder) / "home", offline=True))
        arrival = intake.take(offered)
        known = intake.archive.releases()
        if arrival.release is None or known != [arrival.release]:
            raise Unsound(f"{arrival.kind}, and the archive has {known}")
        if arrival.kind == "archived":
            if not (arrival.release.rows and intake.archive.rows_are_whole(arrival.release)):
                raise Unsound(f"archived without its rows: {arrival.release}")
            return "read"
        if arrival.kind == "refused" and "found" in (arrival.reason or ""):
            return "refused"
    raise Unsound(f"{arrival.kind}: {arrival.reason}")
