"""Shared fixtures: the real releases, homes in which the job has run once, and the dbt project on
an empty database."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

# before Polars is imported: several processes share the cores, and the threads of each would only
# get into the way of the others
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import duckdb
import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from orchestration.builds.raw_tables import create_schemas, load_provenance, load_raw_dataset
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.fetch import fetch
from orchestration.lake.connection import loaded
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import DBT_PROJECT, Lake, Settings
from tests.support.command_server import command_server
from tests.support.lakes import Reader, Server, what_is_missing
from tests.support.postgres import postgres, programs

PROJECT = Path(__file__).resolve().parents[1]
REAL_RELEASES = PROJECT.parent / "shared" / "releases"
MORE_RELEASES = PROJECT.parent / "shared" / "more_releases"

# a shell without job control ignores Ctrl+C for what it starts in the background, and so would
# every process of the tests
signal.signal(signal.SIGINT, signal.default_int_handler)

BROWSER = "tests/pipeline/browser/"

# two processes share the tests: the longest run first, so that both processes end together
LONGEST = (
    "test_ui",  # makes the bundle's home, which the others wait for
    "test_other_origin",  # uses the same UI
    "test_nights",  # these two use the UI at work, on the home of the bad night
    "test_clicks",
    "test_models",  # these need no home
    "test_as_of",
    "test_fill",
    "test_week",
    "test_stuck_runs",
    "test_surroundings",
    "test_services",
    "test_validation",
    "test_suites",
    "test_nightly",  # makes the home of every release
    "test_second_night",
    "test_rebuild",
    "test_claims",
    "test_revisions",
)


# the homes that take a build of their own, besides the bundle's
BUILT_FOR_LONG_TESTS = {"real_home", "every_release_home", "bad_night_home", "rebuilt_home"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give all tests in the browser to one process, so that they share one UI; the others by
    module and class."""
    scheduler = LoadScopeScheduling(config, log)
    by_module_and_class = scheduler._split_scope

    def scope_of(test: str) -> str:
        return BROWSER if test.startswith(BROWSER) else str(by_module_and_class(test))

    scheduler._split_scope = scope_of
    return scheduler


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if needed(item) & BUILT_FOR_LONG_TESTS:
            item.add_marker(pytest.mark.long)
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


def needed(item: pytest.Item) -> set[str]:
    """The names of the fixtures that a test needs, also of one that it is parametrized with."""
    called = getattr(item, "callspec", None)
    given = called.params.values() if called else ()
    names = getattr(item, "fixturenames", ())
    return {*names, *(value for value in given if isinstance(value, str))}


def run_command(
    home: Path,
    *arguments: str,
    project: Path = PROJECT,
    expect: int | None = 0,
    landing: Path | None = None,
    claims: Sequence[Path] = (),
    before_exec: Callable[[], None] | None = None,
    columns: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `borderledger` as its users do, in a separate process, offline. Asserts the exit code
    unless `expect` is None.

    columns: to which it wraps lines, as on a terminal; None for a pipe's whole lines.
    """
    environment = (
        {name: os.environ[name] for name in os.environ if name != "COLUMNS"}
        | {
            "BORDERLEDGER_HOME": str(home),
            "BORDERLEDGER_OFFLINE": "1",
            "BORDERLEDGER_LANDING": str(landing or ""),
            "BORDERLEDGER_CLAIMS": os.pathsep.join(map(str, claims)),
        }
        | ({} if columns is None else {"COLUMNS": str(columns)})
    )
    if project == PROJECT and before_exec is None:
        done = command_server().run(arguments, environment)
    else:
        done = start_command(arguments, environment, project, before_exec)
    if expect is not None:
        assert done.returncode == expect, f"{done.stdout}\n{done.stderr}"
    return done


def start_command(
    arguments: Iterable[str],
    environment: Mapping[str, str],
    project: Path = PROJECT,
    before_exec: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Start `borderledger` in an interpreter of its own, and wait for its end."""
    return start_python(["-m", "orchestration.cli", *arguments], environment, project, before_exec)


def start_python(
    arguments: Iterable[str],
    environment: Mapping[str, str],
    project: Path = PROJECT,
    before_exec: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Start Python on a project's code, and wait for its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        preexec_fn=before_exec,
    )


def run_dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt on a folder's `border.duckdb`, with its target and log folders beside it."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        ],
        env=os.environ | {"DO_NOT_TRACK": "1"},
        cwd=folder,  # the profile names the file without a path
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def real_releases() -> Path:
    """The agencies' own files. Tests that need them are skipped if they are missing."""
    if not REAL_RELEASES.is_dir():
        pytest.skip("needs the agencies' own files in ../shared/releases, found no such folder")
    return REAL_RELEASES


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[..., Path]:
    """Creates a folder once for all test processes: the first creates it, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def make(name: str, fill: Callable[[Path], object]) -> Path:
        folder, ready = shared / name, shared / f"{name}.ready"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                fill(folder)
                ready.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def real_archive(once: Callable[..., Path], real_releases: Path) -> Archive:
    """An archive of the real releases and the bundled ones. Not to be changed."""

    def fill(home: Path) -> None:
        fetch(Settings(home, (real_releases,), offline=True))

    return Archive(Settings(once("real-archive", fill)).archive)


@pytest.fixture(scope="session")
def empty_build(once: Callable[..., Path]) -> Path:
    """A folder with `border.duckdb`, every model built without releases, and `compiled.json`, the
    manifest with every model's SQL."""
    return once("empty", _build_empty)


@pytest.fixture(scope="session")
def bundle_home(once: Callable[..., Path]) -> Path:
    """A home in which the job has published the bundled figures. Not to be changed."""
    return once("bundle", lambda home: run_command(home, "nightly"))


@pytest.fixture(scope="session")
def real_home(
    request: pytest.FixtureRequest, once: Callable[..., Path], real_releases: Path
) -> Path:
    """A home in which the job has published the real releases, and more of them where they are at
    hand: a run of its own would take a minute. Not to be changed."""
    if MORE_RELEASES.is_dir():
        home: Path = request.getfixturevalue("every_release_home")
        return home
    return once("real", lambda home: run_command(home, "nightly", "--landing", str(real_releases)))


@pytest.fixture(scope="session")
def every_release_home(once: Callable[..., Path], real_releases: Path) -> Path:
    """A home in which the job has published every file at hand, ICE's workbooks of many weeks
    among them. Not to be changed."""
    if not MORE_RELEASES.is_dir():
        pytest.skip("needs ../shared/more_releases, the agencies' own files, which are not here")
    landing = ("--landing", str(real_releases), "--landing", str(MORE_RELEASES))
    return once("every-release", lambda home: run_command(home, "nightly", *landing))


@pytest.fixture(params=["bundle_home", "real_home"])
def any_home(request: pytest.FixtureRequest) -> Path:
    """The bundle's home, then the home of the real releases."""
    home: Path = request.getfixturevalue(request.param)
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A private PostgreSQL, which takes seconds to start."""
    folder = programs()
    if folder is None:
        pytest.skip("needs PostgreSQL's initdb, found none")
    with postgres(folder) as url:
        yield Server(url)


@pytest.fixture(scope="session")
def lake_server(request: pytest.FixtureRequest) -> Server:
    """The private PostgreSQL, for the catalogues of lakes."""
    if missing := what_is_missing():
        pytest.skip(missing)
    server: Server = request.getfixturevalue("postgres_server")
    return server


@pytest.fixture(scope="session")
def new_lake(lake_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Lake]:
    """Makes lakes that nobody has written yet, with their data in folders."""
    return lambda: Lake(lake_server.catalogue(), str(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
def lake_reader(new_lake: Callable[[], Lake]) -> Iterator[Reader]:
    """Reads what is in a lake."""
    with loaded(new_lake()) as connection:
        yield Reader(connection)


@pytest.fixture
def own_home(bundle_home: Path, tmp_path: Path) -> Path:
    """A copy of the bundle's home, for a test that changes it."""
    return copy_home(bundle_home, tmp_path / "home")


def copy_home(home: Path, target: Path) -> Path:
    """Copy a home without Dagster's and dbt's folders, as a restored backup would be."""
    ignored = shutil.ignore_patterns("dagster", "dbt")
    shutil.copytree(home, target, symlinks=True, ignore=ignored)
    return target


def copy_project(target: Path) -> Path:
    """Copy the project without its tests, for a test that changes a suite or a seed. dbt's parsed
    manifest is included, so that dbt parses only the changes."""
    ignored = shutil.ignore_patterns(".venv", ".git", "logs", "tests", "archive", ".*cache")
    return Path(shutil.copytree(PROJECT, target, ignore=ignored))


def _build_empty(folder: Path) -> None:
    (folder / "target").mkdir(parents=True)
    parsed = DBT_PROJECT / "target" / "partial_parse.msgpack"
    if parsed.exists():  # else dbt parses the project anew
        shutil.copy(parsed, folder / "target")
    with duckdb.connect(str(folder / "border.duckdb")) as connection:
        create_schemas(connection)
        archive = Archive(folder / "archive")
        nothing = review(archive)
        for dataset in load_catalogue().values():
            load_raw_dataset(connection, archive, dataset, nothing)
        load_provenance(connection, nothing, load_catalogue(), folder)
    built = run_dbt(folder, "build", "--exclude-resource-type", "unit_test")
    assert built.returncode == 0, built.stdout
    shutil.copy(folder / "target" / "manifest.json", folder / "compiled.json")
