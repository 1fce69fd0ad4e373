"""Dagster's home: its settings and the variable that points to it.

Imports Dagster only once the settings are in place.
"""

import os
import shutil

from orchestration.settings import PROJECT, Settings

INSTANCE = PROJECT / "orchestration" / "dagster.yaml"


def prepare_dagster_home(settings: Settings) -> None:
    """Create Dagster's home with our instance settings, and point this process to it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(INSTANCE, settings.dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    os.environ["DO_NOT_TRACK"] = "1"
    from orchestration.automation.run_history import set_aside_damaged  # imports Dagster

    set_aside_damaged(settings.dagster_home)
