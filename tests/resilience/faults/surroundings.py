"""Faults in what surrounds a process: its variables, its working directory, its user, its terminal,
the path of its home; and settings of the operator.

Each fault of the first kind makes a build in such surroundings: its tables must be those of the
bundle's home.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from orchestration.settings import PROJECT, Settings
from tests.conftest import copy_home, copy_project, run_command
from tests.resilience.crash.obstacles import CannotCreate
from tests.resilience.faults.fault import Fault, Observed, Sandbox
from tests.support.landing_folders import write_ice_case
from tests.support.published_file import ask, digests

COMMAND = Path(sys.executable).with_name("borderledger")  # as installed, not below this project
SECONDS = 600
NOBODY = 54_321  # a user that no system knows
RAISING = "raise SystemExit('imported from the working directory')"
RETRIES = "run_retries: {enabled: true, max_retries: 2}\n"
PREPARE = "from orchestration.assets.dbt_project import prepare_manifest; prepare_manifest()"
MODEL = "dbt_project/models/marts/southwest_border_monthly.sql"


@dataclass(frozen=True)
class Surroundings:
    """What surrounds a run.

    variables: beside its own; None: without this one.
    before_exec: called in the process before it starts.
    prefix: words before the command.
    """

    variables: Mapping[str, str | None] = field(default_factory=dict)
    folder: Path = PROJECT
    before_exec: Callable[[], None] | None = None
    prefix: tuple[str, ...] = ()

    def run(self, home: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        """Run the installed command in a home, offline."""
        own = {"BORDERLEDGER_HOME": str(home), "BORDERLEDGER_OFFLINE": "1", "COLUMNS": "200"}
        variables = {**os.environ, **own, **self.variables}
        return subprocess.run(
            [*self.prefix, str(COMMAND), *arguments],
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
            preexec_fn=self.before_exec,
        )


def _builds_the_same(
    surround: Callable[[Sandbox, Path], Surroundings], name: str = "home"
) -> Callable[[Sandbox], Observed]:
    """Build in these surroundings, in a home of this name, and compare the tables."""

    def inflict(sandbox: Sandbox) -> Observed:
        bundle = sandbox.homes("bundle")
        home = copy_home(bundle, sandbox.folder / name)
        before = ask(home, "select build_id from meta.builds")
        done = surround(sandbox, home).run(home, "nightly", "--force")
        printed = done.stdout.decode(errors="replace")
        if done.returncode != 0 or ask(home, "select build_id from meta.builds") == before:
            return Observed("missed", (), printed)
        differing = dict(digests(home).items() ^ digests(bundle).items())
        return Observed("missed" if differing else "no harm", (), f"{differing}")

    return inflict


def _with(**variables: str | None) -> Callable[[Sandbox, Path], Surroundings]:
    return lambda _, __: Surroundings(variables)


def _in_deleted_folder(sandbox: Sandbox, _: Path) -> Surroundings:
    folder = sandbox.folder / "gone"
    folder.mkdir()
    return Surroundings(folder=folder, before_exec=partial(os.rmdir, folder))


def _among_modules_named_alike(sandbox: Sandbox, _: Path) -> Surroundings:
    folder = sandbox.folder / "named alike"
    (folder / "orchestration").mkdir(parents=True)
    for name in ("orchestration/__init__", "gql", "dbt", "dataclasses"):
        (folder / f"{name}.py").write_text(RAISING)
    return Surroundings(folder=folder)


def _as_nobody(sandbox: Sandbox, home: Path) -> Surroundings:
    """A user that the system does not know, who may read what this one may. Raises CannotCreate
    where the system lets nobody make such a user."""
    as_nobody = ("unshare", "--user", f"--map-user={NOBODY}")
    try:
        done = subprocess.run([*as_nobody, "id", "-u"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise CannotCreate("the command unshare is missing") from error
    if done.stdout.strip() != str(NOBODY):
        raise CannotCreate(f"unshare: {done.stderr.strip()}")
    return Surroundings({"HOME": None, "USER": None, "LOGNAME": None}, prefix=as_nobody)


def _held_on_a_latin_terminal(sandbox: Sandbox) -> Observed:
    """What is held is printed, with characters that the terminal does not have."""
    home = copy_home(sandbox.homes("bundle"), sandbox.folder / "home")
    landing = sandbox.folder / "landing"
    write_ice_case(landing)
    latin = {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C", "PYTHONUTF8": "0"}
    done = Surroundings(latin).run(home, "nightly", "--landing", str(landing))
    printed = done.stdout.decode("latin-1")
    right = done.returncode == 0 and r"--reason \u2026" in printed and "Published build" in printed
    return Observed("no harm" if right else "missed", (), printed)


def _port_in_use(sandbox: Sandbox) -> Observed:
    """A second `ui` ends at once, before it has written or started anything."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = Surroundings().run(sandbox.settings.home, "ui", "--port", port)
    right = done.returncode == 2 and not sandbox.settings.home.exists()
    return Observed("run failed" if right else "missed", ("command",), done.stdout.decode())


def _edited_settings_of_dagster(sandbox: Sandbox) -> Observed:
    """A run keeps the operator's dagster.yaml."""
    home = copy_home(sandbox.homes("bundle"), sandbox.folder / "home")
    settings = Settings(home).dagster_home / "dagster.yaml"
    settings.parent.mkdir()
    shipped = PROJECT / "orchestration" / "dagster.yaml"
    settings.write_text(edited := shipped.read_text() + RETRIES)
    done = run_command(home, "nightly", expect=None)
    right = done.returncode == 0 and settings.read_text() == edited
    return Observed("no harm" if right else "missed", (), done.stderr)


def _model_changed_with_an_old_time(sandbox: Sandbox) -> Observed:
    """A model's text changes while its time stays, as when an older copy is restored."""
    project = copy_project(sandbox.folder / "project")
    model = project / MODEL
    _prepare(project)
    old = model.stat()
    model.write_text(model.read_text() + "\n-- restored from a copy\n")
    os.utime(model, ns=(old.st_atime_ns, old.st_mtime_ns))
    _prepare(project)
    manifest = (project / "dbt_project" / "target" / "manifest.json").read_text()
    right = "restored from a copy" in manifest
    return Observed("repaired" if right else "missed", (), "")


def _prepare(project: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(project), "PYTHONSAFEPATH": "1"}
    subprocess.run([sys.executable, "-c", PREPARE], cwd=project, env=environment, check=True)


def _same(
    name: str,
    about: str,
    surround: Callable[[Sandbox, Path], Surroundings],
    home: str = "home",
) -> Fault:
    return Fault(name, about, "no harm", None, (), _builds_the_same(surround, home), is_long=True)


SURROUNDINGS = (
    _same(
        "variables of dbt",
        "Another target, profile and folder, and empty tables, are asked for.",
        _with(DBT_TARGET="other", DBT_PROFILE="other", DBT_EMPTY="1", DBT_PROFILES_DIR="/none"),
    ),
    _same(
        "variables of Python and of other libraries",
        "They ask for no assertions, for errors instead of warnings, for other settings.",
        _with(
            PYTHONOPTIMIZE="2",
            PYTHONWARNINGS="error",
            GX_HOME="/none",
            POLARS_MAX_THREADS="no number",
            DAGSTER_HOME="/none",
        ),
    ),
    _same("HOME is not set", "A service has no HOME.", _with(HOME=None, USER=None, LOGNAME=None)),
    _same("user without a name", "The system does not know the user's number.", _as_nobody),
    _same(
        "working directory deleted",
        "The folder in which the command starts is gone.",
        _in_deleted_folder,
    ),
    _same(
        "modules in the working directory",
        "The folder has modules named like ours and like those of libraries.",
        _among_modules_named_alike,
    ),
    _same(
        "odd characters in the home's path",
        "Brackets, an asterisk, a percent sign, a tilde, a space, a letter that is not ASCII.",
        _with(),
        "~ a [b]*{c} %20 #1 é",
    ),
    Fault(
        "question mark in the home's path",
        "DuckDB takes what follows for options, so the home is refused.",
        "run failed",
        "command",
        ("expected a path without `?`",),
        lambda sandbox: _of_refusal(run_command(sandbox.folder / "a?b", "fetch", expect=None)),
    ),
    Fault(
        "held release on a terminal that is not UTF-8",
        "The run reports it with characters that the terminal lacks.",
        "no harm",
        None,
        (),
        _held_on_a_latin_terminal,
        is_long=True,
    ),
    Fault(
        "port in use",
        "Another program has the port of the UI.",
        "run failed",
        "command",
        ("cannot listen on 127.0.0.1", "choose a free one with --port"),
        _port_in_use,
    ),
    Fault(
        "dagster.yaml of the operator",
        "The operator has edited Dagster's settings.",
        "no harm",
        None,
        (),
        _edited_settings_of_dagster,
    ),
    Fault(
        "model changed, its time not",
        "The prepared manifest is newer than a model whose text has changed.",
        "repaired",
        None,
        (),
        _model_changed_with_an_old_time,
        is_long=True,
    ),
)


def _of_refusal(done: "subprocess.CompletedProcess[str]") -> Observed:
    return Observed("run failed" if done.returncode == 2 else "missed", ("command",), done.stderr)
