"""A trial: a copy of the newest build, in which some of its tables are made anew.

trials/<build_id>/border.duckdb    the copy; never sealed, never published
                  made-of.json     the inputs of the build that was copied
                  trial-of         the id of that build

What belongs here: making the copy. What a run does with it is in `assets`.
"""

import shutil

from orchestration.builds.build import Build, all_builds, new_folder, sealed_builds
from orchestration.durable import remove_folder
from orchestration.settings import Settings

TRIAL_OF = "trial-of"
TRIALS_KEPT = 3


class NothingToTry(Exception):
    """There is no build that a trial could be a copy of."""


def newest_build(settings: Settings) -> Build:
    """The newest sealed build. Raises NothingToTry."""
    for build in reversed(sealed_builds(settings.builds)):
        if build.database.is_file():
            return build
    raise NothingToTry(
        f"{settings.builds}: found no finished build, expected one to try this on; launch the job "
        "build first"
    )


def open_trial(settings: Settings, run_id: str) -> Build:
    """Copy the newest build for a run, and remove all but the last trials. Raises NothingToTry."""
    newest = newest_build(settings)
    folder = new_folder(settings.trials, run_id)
    for name in ("border.duckdb", "made-of.json", "gates.json"):
        shutil.copyfile(newest.folder / name, folder / name)  # not its mode: it is read-only
    (folder / TRIAL_OF).write_text(newest.build_id, encoding="utf-8")
    for old in all_builds(settings.trials)[:-TRIALS_KEPT]:
        remove_folder(old.folder)
    return Build(folder)


def trial_of(build: Build) -> str | None:
    """The id of the build that a trial is a copy of; None for a build that is no trial."""
    path = build.folder / TRIAL_OF
    return path.read_text(encoding="utf-8") if path.exists() else None
