"""A connection of DuckDB to the lake: its extensions, the secrets of its storage, its errors.

What belongs here: what must be so before a statement on the lake can run. Extensions are files of
installed packages, and none is ever downloaded. Passwords come from the environment: libpq reads
PostgreSQL's (PGPASSWORD, PGPASSFILE) by itself, and those of S3 become a secret of the session.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from orchestration.builds.sql import first_line, literal
from orchestration.settings import ConfigurationError, Lake
from orchestration.surroundings import NO_FOLDER

LAKE = "lake"  # the name by which it is attached
BUCKETS = "s3://"
EXTENSIONS = ("postgres_scanner", "ducklake")
OF_BUCKETS = "httpfs"
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "secret_directory": NO_FOLDER,  # else the secrets in the user's own folder would count as well
}
RETRIES = 2  # of a commit; DuckLake's ten, after growing waits, take longer than to publish again
NO_LAKE = "creating a new DuckLake is explicitly disabled"  # of what DuckLake says of none
# what PostgreSQL says where two make a lake at once, of the one that comes second
MADE_MEANWHILE = ("already exists", "pg_type_typname_nsp_index", "pg_class_relname_nsp_index")
# with what the words of PostgreSQL and of its client begin
SERVER, UNREACHABLE = "ERROR:", "Unable to connect to Postgres at "


class LakeError(Exception):
    """A lake that cannot be read or written: which, and why."""


@contextmanager
def connected(lake: Lake, *, to_write: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Attach the lake, as `lake`, and create it if it is to be written. Raises ConfigurationError
    for a missing extension or folder, and LakeError for what DuckDB cannot do meanwhile."""
    if to_write and not _is_in_buckets(lake) and not Path(lake.data).is_dir():
        raise ConfigurationError(
            f"BORDERLEDGER_LAKE_DATA: found no folder {lake.data}; mount or create it"
        )
    with failing_as_lake(lake), loaded(lake) as connection:
        attach(connection, lake, to_write=to_write)
        yield connection


@contextmanager
def loaded(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session with the extensions that a lake needs. Raises ConfigurationError."""
    extensions = (*EXTENSIONS, *((OF_BUCKETS,) if _is_in_buckets(lake) else ()))
    paths = [_extension(name) for name in extensions]
    with duckdb.connect(config=OFFLINE) as connection:
        for path in paths:  # each is hundreds of milliseconds, in which its signature is checked
            connection.execute(f"load {literal(path)}")
        connection.execute(f"set ducklake_max_retry_count = {RETRIES}")
        yield connection


def attach(connection: duckdb.DuckDBPyConnection, lake: Lake, *, to_write: bool) -> None:
    """Attach the lake to a session that has its extensions. Raises ConfigurationError and
    duckdb.Error."""
    if _is_in_buckets(lake):
        secret = _secret(os.environ)
        try:
            connection.execute(f"create or replace secret ({secret})")
        except duckdb.Error:  # which would show the statement
            raise ConfigurationError("found AWS_* variables that DuckDB refuses") from None
    address = literal(f"ducklake:{lake.catalogue}")
    statement = f"attach {address} as {LAKE} ({_options(lake, to_write)})"
    try:
        connection.execute(statement)
    except duckdb.Error as error:
        if not to_write or not any(words in str(error) for words in MADE_MEANWHILE):
            raise
        connection.execute(statement)


@contextmanager
def failing_as_lake(lake: Lake) -> Iterator[None]:
    """Raise DuckDB's errors as LakeError."""
    try:
        yield
    except duckdb.Error as error:
        raise LakeError(f"the lake at {lake.catalogue}: {_reason(error)}") from error


def _is_in_buckets(lake: Lake) -> bool:
    return lake.data.startswith(BUCKETS)


def _extension(name: str) -> Path:
    """The file of an extension for this very version of DuckDB. Raises ConfigurationError."""
    package = f"duckdb_extension_{name}"
    expected = f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"
    try:
        path = Path(str(files(package) / expected))
    except ModuleNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise ConfigurationError(
            f"BORDERLEDGER_LAKE is set: found no extension {name} of DuckDB {duckdb.__version__}; "
            "install Borderledger with its extra `lake`"
        )
    return path


def _options(lake: Lake, to_write: bool) -> str:
    """How the lake is attached. What is written is in files, however little it is: readers that
    may only read the catalogue's tables then need no further right."""
    if not to_write:
        return "read_only"
    return f"data_path {literal(lake.data)}, data_inlining_row_limit 0"


def _secret(variables: Mapping[str, str]) -> str:
    """The parameters of a secret for S3, from the variables that AWS's own tools read. Raises
    ConfigurationError."""
    parameters = {
        "key_id": variables.get("AWS_ACCESS_KEY_ID"),
        "secret": variables.get("AWS_SECRET_ACCESS_KEY"),
        "session_token": variables.get("AWS_SESSION_TOKEN"),
        "region": variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION"),
    }
    given = ["type s3", *(f"{key} {literal(value)}" for key, value in parameters.items() if value)]
    endpoint = variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc or "@" in parts.netloc:
            raise ConfigurationError(
                "AWS_ENDPOINT_URL: expected http://HOST:PORT or https://HOST:PORT"
            )
        is_encrypted = str(parts.scheme == "https").lower()
        given += [
            f"endpoint {literal(parts.netloc)}",
            "url_style 'path'",
            f"use_ssl {is_encrypted}",
        ]
    return ", ".join(given)


def _reason(error: Exception) -> str:
    """What an error says, without the statements that DuckLake sent to PostgreSQL and without
    another address of it."""
    text = str(error)
    if NO_LAKE in text:
        return "found no build in it; `borderledger lake --publish` writes the first one"
    if UNREACHABLE in text:
        return text.rpartition(UNREACHABLE)[2].partition('": ')[2].partition("\n")[0]
    of_server = [line.partition(SERVER)[2] for line in text.splitlines() if SERVER in line]
    return of_server[-1].strip() if of_server else first_line(error)
