"""What surrounds a process and must not change its result: variables that libraries read, the
working directory, the terminal's encoding, a user without a name.

What belongs here: keeping these from the libraries, in this process and in those that it starts.
What an operator sets on purpose (`BORDERLEDGER_*`) is read in `settings`. Imports only modules that
Python has loaded by itself: until `settle` has run, any other could come from the working
directory.
"""

import io
import os
import sys
from collections.abc import Mapping

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NO_FOLDER = "/nonexistent"  # a home, for libraries that need one, in which nothing is ever found

# read by the libraries that make a build
OF_BUILDS = (
    "DBT_",
    "DUCKDB_",
    "GE_",
    "GX_",
    "POLARS_",
    "PYDANTIC_",
    "SQLALCHEMY_",
)
OF_A_RUN = (  # set by itself
    "BORDERLEDGER_BUILD",
    "BORDERLEDGER_BUILD_MEMORY",
    "BORDERLEDGER_BUILD_THREADS",
    "BORDERLEDGER_KEYS",
)
# read by processes; they also set them for each other, so only the command may forget them
OF_PROCESSES = ("DAGSTER_", "FORWARDED_ALLOW_IPS", "GRPC_", "PYTHON", "UVICORN_", "WEB_CONCURRENCY")
KEPT = (  # they change no result
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONHASHSEED",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUNBUFFERED",
)
ENCODING = "PYTHONIOENCODING"  # of the terminal


def settle() -> None:
    """Make this process, which runs the command, and those that it starts independent of their
    surroundings. Python is started again, with the same arguments, if variables have already
    changed how it runs, or if it does not read and write paths as UTF-8, as DuckDB and Polars do.
    """
    _forget_working_directory()
    environment = environment_of_children(os.environ)
    if _has_changed_python(environment):
        _start_again(environment)
    os.environ.clear()
    os.environ.update(environment)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # none if the process was started without it
            stream.reconfigure(errors="backslashreplace")


def environment_of_children(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables for this process and those that it starts: without those that would change
    what a library does, and with those that keep the working directory from being searched for
    modules and make files and paths UTF-8.

    Variables of the system stay, such as those of proxies, certificates and the locale.
    """
    kept = {
        name: value
        for name, value in variables.items()
        if name in KEPT or not (name.startswith((*OF_BUILDS, *OF_PROCESSES)) or name in OF_A_RUN)
    }
    return kept | {
        "HOME": variables.get("HOME") or _home_folder(),
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": PROJECT,  # this very code, also where another copy is installed
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
    }


def forget_variables_of_builds() -> None:
    """Remove the variables that would change a build from this process, which Dagster may have
    started; its own stay."""
    for name in [name for name in os.environ if name.startswith(OF_BUILDS)]:
        del os.environ[name]


def leave_lost_folder() -> None:
    """Go to the root folder if the working directory has been deleted: libraries ask for it, and
    fail. To be called once relative paths have been resolved."""
    try:
        os.getcwd()
    except OSError:
        os.chdir("/")


def whoami() -> str:
    """The name of the user; `uid 1234` for one that the system does not know."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _home_folder() -> str:
    """The user's home as the system knows it."""
    folder = os.path.expanduser("~")
    return folder if os.path.isabs(folder) else NO_FOLDER


def _forget_working_directory() -> None:
    """Take the working directory, in which `python -m` looks for modules first, from the search
    path, unless this code is in it."""
    try:
        working_directory = os.getcwd()
    except OSError:
        working_directory = ""
    is_searched = not sys.flags.safe_path and sys.path[0] in ("", working_directory)
    if is_searched and os.path.realpath(working_directory) != os.path.realpath(PROJECT):
        del sys.path[0]


def _has_changed_python(environment: Mapping[str, str]) -> bool:
    """Whether variables have changed how this process runs, compared with this environment."""
    return sys.getfilesystemencoding() != "utf-8" or any(
        value and name.startswith("PYTHON") and value != environment.get(name)
        for name, value in os.environ.items()
        if name != ENCODING
    )


def _start_again(environment: Mapping[str, str]) -> None:
    """Replace this process with the command in this environment. The terminal's encoding is not
    UTF-8 only because paths are."""
    output = sys.stdout or sys.stderr
    terminal = {ENCODING: f"{output.encoding}:backslashreplace"} if output else {}
    arguments = [sys.executable, "-m", "orchestration.cli", *sys.argv[1:]]
    os.execve(sys.executable, arguments, {**environment, **terminal})  # noqa: S606
