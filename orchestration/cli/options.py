"""What several commands share: options, exit codes, checks of arguments, and the settings."""

from collections.abc import Iterable
from pathlib import Path

import click

from orchestration.catalogue.dataset import load_catalogue
from orchestration.settings import ConfigurationError, Settings
from orchestration.surroundings import leave_lost_folder

GATE_REFUSED, USAGE, FAILED = 1, 2, 3

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
folder = click.Path(exists=True, file_okay=False, path_type=Path)


def settings_with(landing: tuple[Path, ...] = (), offline: bool = False) -> Settings:
    """The settings from the environment, with more landing folders, or offline: the last use of the
    working directory. Raises ConfigurationError."""
    settings = Settings.from_environment().widened(landing, offline)
    leave_lost_folder()
    return settings


def check_datasets(names: Iterable[str]) -> None:
    """Raises ConfigurationError for a name that is not a dataset of the catalogue."""
    known = load_catalogue()
    for name in names:
        if name not in known:
            raise ConfigurationError(f"found dataset {name!r}, expected one of {', '.join(known)}")
