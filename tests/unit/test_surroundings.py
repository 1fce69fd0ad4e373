"""What surrounds a process: its variables, its working directory, its terminal, its user."""

import getpass
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from orchestration import surroundings
from orchestration.settings import PROJECT
from orchestration.surroundings import (
    environment_of_children,
    forget_variables_of_builds,
    leave_lost_folder,
    whoami,
)

SETTLED = "import orchestration.surroundings as s; s.settle(); "


def settled(
    program: str,
    folder: Path,
    variables: Mapping[str, str],
    encoding: str = "utf-8",
    option: str = "-c",
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with these variables only."""
    return subprocess.run(
        [sys.executable, option, program],
        cwd=folder,
        env=variables,
        capture_output=True,
        encoding=encoding,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "name",
    [
        "DBT_TARGET",
        "DBT_EMPTY",
        "DBT_ENGINE_PROFILE",
        "DAGSTER_HOME",
        "GX_HOME",
        "DUCKDB_SQLALCHEMY_POOL",
        "POLARS_ENGINE_AFFINITY",
        "PYTHONHOME",
        "PYTHONWARNINGS",
        "PYTHONIOENCODING",
        "BORDERLEDGER_BUILD",
    ],
)
def test_what_libraries_read_is_not_in_the_environment_of_children(name: str) -> None:
    assert name not in environment_of_children({name: "other", "PATH": "/bin"})


@pytest.mark.parametrize(
    "name",
    [
        "BORDERLEDGER_HOME",
        "BORDERLEDGER_BUILDS_OF_TOMORROW",
        "HOME",
        "HTTPS_PROXY",
        "LC_ALL",
        "PATH",
        "PGPASSFILE",
        "SSL_CERT_FILE",
        "TMPDIR",
        "PYTHONDONTWRITEBYTECODE",
    ],
)
def test_what_the_operator_or_the_system_needs_stays(name: str) -> None:
    assert environment_of_children({name: "/as/set"})[name] == "/as/set"


def test_a_child_has_a_home_also_where_the_user_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert os.path.isabs(environment_of_children({})["HOME"])
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # of a user without a name
    assert environment_of_children({"HOME": ""})["HOME"] == surroundings.NO_FOLDER


def test_a_process_of_dagster_forgets_what_would_change_a_build_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {"DAGSTER_HOME", "BORDERLEDGER_BUILD"}
    for name in ("DBT_TARGET", "GX_HOME", *kept):
        monkeypatch.setenv(name, "set")
    forget_variables_of_builds()
    assert {"DBT_TARGET", "GX_HOME", *kept} & set(os.environ) == kept


@pytest.mark.parametrize("error", [KeyError("uid not found"), OSError("no user")])
def test_a_user_without_a_name_is_known_by_number(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.setattr(os, "getuid", lambda: 1234)
    assert whoami() == "uid 1234"


def test_a_user_with_a_name_is_known_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert whoami() == "ada"


def test_a_deleted_working_directory_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # so that it is restored at the end
    leave_lost_folder()
    assert Path.cwd() == tmp_path
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    leave_lost_folder()
    assert Path.cwd() == Path("/")


def test_no_module_comes_from_the_working_directory(tmp_path: Path) -> None:
    """Neither into this process nor into one that it starts with `-m`."""
    for name in ("gql", "dataclasses"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('from the working directory')")
    program = tmp_path / "program.py"
    child = "subprocess.run([sys.executable, '-m', 'dataclasses'], check=True)"
    program.write_text(f"{SETTLED}import gql, subprocess, sys; print(gql.__name__); {child}")
    done = settled("program", tmp_path, environment_like_ours(), option="-m")
    assert (done.returncode, done.stdout.strip()) == (0, "gql"), done.stderr


def test_output_never_fails_on_a_character(tmp_path: Path) -> None:
    done = settled(
        f"{SETTLED}print('São Tomé \u2192'); import click; click.echo('\u2192')",
        tmp_path,
        environment_like_ours(PYTHONIOENCODING="latin-1"),
        encoding="latin-1",
    )
    assert done.stdout == "São Tomé \\u2192\n\\u2192\n", done.stderr


@pytest.mark.parametrize(
    "hostile",
    [
        {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONPATH": "elsewhere"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=lambda hostile: next(iter(hostile)),
)
def test_python_is_started_again_without_what_has_changed_it(
    hostile: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "click.py").write_text("raise SystemExit('from PYTHONPATH')")
    home = tmp_path / "Ärchiv"
    done = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli.main import main; main()", "status"],
        cwd=tmp_path,
        env=environment_like_ours(BORDERLEDGER_HOME=str(home), **hostile),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"home                {home}"


def environment_like_ours(**more: str) -> dict[str, str]:
    """The variables of these tests, with others."""
    ours = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return ours | {"BORDERLEDGER_OFFLINE": "1"} | more


def test_the_project_is_where_settings_has_it() -> None:
    assert Path(surroundings.PROJECT).resolve() == PROJECT
