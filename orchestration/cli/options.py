"""What several commands take: options, exit codes, and the settings with the options applied."""

from pathlib import Path

import click

from orchestration.settings import Settings

GATE_REFUSED, USAGE, FAILED = 1, 2, 3

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
folder = click.Path(exists=True, file_okay=False, path_type=Path)


def settings_with(landing: tuple[Path, ...] = (), offline: bool = False) -> Settings:
    """The settings from the environment, with more landing folders, or offline. Raises
    ConfigurationError."""
    return Settings.from_environment().widened(landing, offline)
