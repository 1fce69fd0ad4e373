"""Surroundings that must not change what the command does.

What belongs here: variables that libraries read, a folder whose name is a pattern, a terminal that
is not UTF-8, modules in the working directory; and the command run amid all of them.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ODD_NAME = "o[d]d *%20 ~ 'q' \"q\" $HOME \N{RIGHTWARDS ARROW} São;#&"
MODULES = ("gql", "yaml", "dataclasses", "click")
TERMINAL = "latin-1"
VARIABLES = {
    "DBT_TARGET": "prod",
    "DBT_PROFILE": "other",
    "DBT_EMPTY": "1",
    "DBT_PROJECT_DIR": "/nonexistent",
    "DBT_TARGET_PATH": "/nonexistent/target",
    "DBT_LOG_FORMAT": "text",
    "DBT_WARN_ERROR": "1",
    "DAGSTER_HOME": "/nonexistent",
    "DAGSTER_GRPC_MAX_RX_BYTES": "1",
    "GX_HOME": "/nonexistent",
    "DUCKDB_SQLALCHEMY_POOL": "static",
    "POLARS_VERBOSE": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": TERMINAL,
    "LC_ALL": "C",
}


def run_amid_hostile_surroundings(
    folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run `borderledger` as installed, offline, with its home in a folder of an odd name. HOME is
    not set, and the working directory, in which modules lie about, is below `folder` too."""
    odd = folder / ODD_NAME
    working_directory, landing = odd / "work", odd / "lan?ding"
    (working_directory / "orchestration").mkdir(parents=True, exist_ok=True)
    landing.mkdir(exist_ok=True)
    for name in ("orchestration/__init__", *MODULES):
        text = "raise SystemExit('a module of the working directory')"
        (working_directory / f"{name}.py").write_text(text)
    variables = {
        "PATH": os.defpath,
        "BORDERLEDGER_HOME": str(odd / "home"),
        "BORDERLEDGER_LANDING": str(landing),
        "BORDERLEDGER_OFFLINE": "1",
        "BORDERLEDGER_BUILD": str(folder / "elsewhere.duckdb"),
        **VARIABLES,
    }
    return _run(arguments, working_directory, variables)


def run_in_a_lost_folder(
    folder: Path, home: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run `borderledger` in a working directory that has been deleted, as a user without a home."""
    variables = {"PATH": os.defpath, "BORDERLEDGER_HOME": str(home), "BORDERLEDGER_OFFLINE": "1"}
    lost = folder / "lost"
    lost.mkdir()
    return _run(arguments, lost, variables, before='rmdir "$PWD" && ')


def _run(
    arguments: Sequence[str], folder: Path, variables: dict[str, str], before: str = ""
) -> subprocess.CompletedProcess[str]:
    command = str(Path(sys.executable).with_name("borderledger"))
    return subprocess.run(
        ["/bin/sh", "-c", f'{before}exec "$0" "$@"', command, *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        encoding=TERMINAL,
        timeout=300,
        check=False,
    )
