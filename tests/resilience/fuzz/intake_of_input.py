"""Taking in one file, as it is fuzzed.

What belongs here: what runs in the watched process. Watching it belongs to `watched_process`.
"""

import tempfile
from pathlib import Path

from orchestration.intake.intake import Intake
from orchestration.settings import Settings
from tests.resilience.fuzz.watched_process import Input, Outcome
from tests.support.cbp_files import candidate


class BrokenPromise(Exception):
    """The intake returned something else than an archived or a refused release."""


def take_in(given: Input) -> Outcome:
    """Take a file into a new archive. Raises BrokenPromise unless it was archived with rows or
    refused with a reason that says what was found; and whatever the intake raises."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        file = candidate(
            Path(folder) / "landing", given.content, given.published, given.file_name, given.dataset
        )
        intake = Intake(Settings(Path(folder) / "home", offline=True))
        outcome = intake.take(file)
        known = intake.archive.releases()
        if outcome.release is None or known != [outcome.release]:
            raise BrokenPromise(f"{outcome.kind}, and the archive has {known}")
        if outcome.kind == "archived":
            if not (outcome.release.rows and intake.archive.rows_are_whole(outcome.release)):
                raise BrokenPromise(f"archived without its rows: {outcome.release}")
            return "read"
        if outcome.kind == "refused" and "found" in (outcome.reason or ""):
            return "refused"
    raise BrokenPromise(f"{outcome.kind}: {outcome.reason}")
