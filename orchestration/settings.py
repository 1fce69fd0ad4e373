"""Paths and limits, read once from the environment (`BORDERLEDGER_*`).

What belongs here: where files are, and how large or slow an input may be. Nothing
here knows what a release, a table or a check is.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import SecretStr

PROJECT = Path(__file__).resolve().parents[1]
DATASETS = PROJECT / "orchestration" / "catalogue" / "datasets"
EXPECTATIONS = PROJECT / "expectations"
DBT_PROJECT = PROJECT / "dbt_project"
BUNDLED = PROJECT / "warehouse" / "bundled"

MEBIBYTE = 1 << 20
MOST_DAYS = 36_500
MEMORY = re.compile(r"(?=.*[1-9])[0-9]{1,6}(\.[0-9]+)? ?([KMGT]i?B)", re.IGNORECASE | re.ASCII)
POSTGRES = re.compile(r"postgres:( *\w+ *= *('([^'\\]|\\.)*'|[^'\s]+))+")
BUCKET = re.compile(r"s3://[\w.-]+(/[^?#*\[\]]*)?")


class ConfigurationError(Exception):
    """An environment variable, a YAML file or a path that the operator set cannot be used."""


@dataclass(frozen=True)
class Limits:
    """Bounds on the input, and on waiting. Sizes in bytes, times in seconds."""

    release_bytes: int = 200 * MEBIBYTE
    line_bytes: int = 64 * 1024
    file_cells: int = 10_000_000  # in a text file; each takes up to 200 bytes
    claims_bytes: int = MEBIBYTE  # of a file of claims
    page_bytes: int = 5 * MEBIBYTE
    workbook_bytes: int = 300 * MEBIBYTE  # unpacked
    part_bytes: int = 64 * MEBIBYTE  # of a workbook, unpacked
    workbook_parts: int = 2_000
    sheet_cells: int = 6_000_000  # a stray cell in column XFD stays below it
    workbook_cells: int = 12_000_000  # in all sheets together
    download_seconds: float = 120.0
    settle_seconds: float = 1.0  # a younger file in a landing folder may still be growing
    untyped_row_share: float = 0.005
    builds_kept: int = 5
    wait_seconds: float = 7_200.0  # of a run, for another run in the same home


@dataclass(frozen=True)
class Lake:
    """Where builds are published into DuckLake.

    catalogue: PostgreSQL's address as DuckDB has it, `postgres:dbname=... host=...`, without a
        password.
    data: an absolute path of a folder, or an address `s3://bucket/folder`.
    """

    catalogue: str
    data: str


@dataclass(frozen=True)
class Settings:
    """Where an installation keeps its files.

    home: holds everything that a run writes, except for an archive that is elsewhere.
    landing: folders laid out `<dataset>/<YYYY-MM[-DD]>/<file>`, searched in this order.
    offline: make no request to the publishers' sites.
    landing_roots: where a run launched from the UI may look for more landing folders.
    ui_origin: scheme and host of a proxy before the UI.
    alerts: where alerts go, as Apprise URLs. They contain passwords and tokens, so they are
        shown nowhere.
    retention_days: how long runs, rebuilds, trials and leftovers are kept.
    claims: CSV files of the operator's own claims, which join the project's.
    shared_archive: the archive, if it is outside of the home, where several machines write to it.
    lake: where builds are published for readers elsewhere; None for nowhere but in the home.
    """

    home: Path
    landing: tuple[Path, ...] = ()
    offline: bool = False
    limits: Limits = field(default_factory=Limits)
    landing_roots: tuple[Path, ...] = ()
    ui_origin: str | None = None
    alerts: tuple[SecretStr, ...] = ()
    retention_days: int = 90
    claims: tuple[Path, ...] = ()
    shared_archive: Path | None = None
    lake: Lake | None = None

    @property
    def archive(self) -> Path:
        return self.shared_archive or self.home / "archive"

    @property
    def builds(self) -> Path:
        return self.home / "builds"

    @property
    def rebuilds(self) -> Path:
        return self.home / "rebuilds"

    @property
    def trials(self) -> Path:
        return self.home / "trials"

    @property
    def published(self) -> Path:
        return self.home / "border.duckdb"

    @property
    def report(self) -> Path:
        return self.home / "report"

    @property
    def export(self) -> Path:
        """Where `borderledger export` writes without a folder."""
        return self.home / "export"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    def widened(self, landing: Iterable[Path] = (), offline: bool = False) -> "Settings":
        """Return these settings with `landing` added, and offline if either is."""
        more = (_resolved("a landing folder", str(path)) for path in landing)
        return replace(self, landing=(*self.landing, *more), offline=self.offline or offline)

    def launched_with(self, landing: Iterable[str], offline: bool) -> "Settings":
        """Return these settings, widened by what a run was launched with. Raises
        ConfigurationError for a folder outside of `landing` and `landing_roots`: who may launch a
        run may not thereby read every folder of this machine."""
        roots = (*self.landing, *self.landing_roots)
        folders = [_resolved("a landing folder", folder) for folder in landing]  # follows links
        for folder in folders:
            if not any(folder.is_relative_to(root) for root in roots):
                raise ConfigurationError(
                    f"landing folder {folder} is below none of BORDERLEDGER_LANDING and "
                    f"BORDERLEDGER_LANDING_ROOTS: {', '.join(map(str, roots)) or 'none is set'}"
                )
        return self.widened(folders, offline)

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read BORDERLEDGER_HOME, BORDERLEDGER_LANDING and BORDERLEDGER_LANDING_ROOTS (paths joined
        by `:`), BORDERLEDGER_OFFLINE (`1` or `0`), BORDERLEDGER_UI_ORIGIN, BORDERLEDGER_ALERTS
        (URLs separated by white space), BORDERLEDGER_RETENTION_DAYS, BORDERLEDGER_CLAIMS (paths
        joined by `:`), BORDERLEDGER_ARCHIVE, BORDERLEDGER_LAKE and BORDERLEDGER_LAKE_DATA. Raises
        ConfigurationError."""
        offline = os.environ.get("BORDERLEDGER_OFFLINE", "0")
        if offline not in ("0", "1"):
            raise ConfigurationError(f"BORDERLEDGER_OFFLINE is {offline!r}; expected 0 or 1")
        given = os.environ.get("BORDERLEDGER_HOME")
        home = _resolved("BORDERLEDGER_HOME", given) if given else (PROJECT / "warehouse").resolve()
        _check_home(home)
        memory_limit()  # raises
        archive = os.environ.get("BORDERLEDGER_ARCHIVE")
        return cls(
            home=home,
            landing=_folders("BORDERLEDGER_LANDING"),
            landing_roots=_folders("BORDERLEDGER_LANDING_ROOTS"),
            offline=offline == "1",
            ui_origin=os.environ.get("BORDERLEDGER_UI_ORIGIN") or None,
            alerts=tuple(map(SecretStr, os.environ.get("BORDERLEDGER_ALERTS", "").split())),
            retention_days=_days("BORDERLEDGER_RETENTION_DAYS", cls.retention_days),
            claims=_files("BORDERLEDGER_CLAIMS"),
            shared_archive=_resolved("BORDERLEDGER_ARCHIVE", archive) if archive else None,
            lake=_lake("BORDERLEDGER_LAKE", "BORDERLEDGER_LAKE_DATA"),
        )


def memory_limit() -> str | None:
    """How much memory DuckDB may take for a build, as DuckDB has it: BORDERLEDGER_MEMORY; None if
    it is not set. Raises ConfigurationError."""
    found = os.environ.get("BORDERLEDGER_MEMORY") or None
    if found is not None and not MEMORY.fullmatch(found):
        raise ConfigurationError(
            f"BORDERLEDGER_MEMORY is {found!r}; expected a number and a unit, such as 512MB or 2GB"
        )
    return found


def _check_home(home: Path) -> None:
    """Raises ConfigurationError for a path that cannot be a home."""
    if home.exists() and not home.is_dir():
        raise ConfigurationError(f"BORDERLEDGER_HOME is {home}, a file; expected a folder")
    if "?" in str(home):  # DuckDB takes what follows for options, and writes elsewhere
        raise ConfigurationError(f"BORDERLEDGER_HOME is {home}; expected a path without `?`")
    if os.fsencode(home) != str(home).encode(errors="replace"):  # DuckDB takes UTF-8 only
        raise ConfigurationError(f"BORDERLEDGER_HOME is {str(home)!r}; expected a path in UTF-8")


def _folders(variable: str) -> tuple[Path, ...]:
    """The folders in an environment variable."""
    return tuple(_resolved(variable, part) for part in _parts(variable))


def _files(variable: str) -> tuple[Path, ...]:
    """The files in an environment variable, absolute. Links stay, since a file has the name that
    was given; whether it can be read is found out when it is read."""
    try:
        return tuple(Path(part).absolute() for part in _parts(variable))
    except FileNotFoundError:
        raise _lost(variable, os.environ[variable]) from None


def _parts(variable: str) -> list[str]:
    """What an environment variable has, joined by `:`."""
    return [part for part in os.environ.get(variable, "").split(os.pathsep) if part]


def _resolved(variable: str, path: str) -> Path:
    """A path in an environment variable, or that a run was launched with, absolute. Raises
    ConfigurationError for what cannot be a path here, such as a relative one if the working
    directory has been deleted."""
    try:
        resolved = Path(path).resolve()
        with suppress(PermissionError):  # whoever reads it says so
            resolved.exists()  # raises for a name that is too long
    except FileNotFoundError:
        raise _lost(variable, path) from None
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(f"{variable} has {path!r:.200}: {why}; expected a path") from None
    return resolved


def _lost(variable: str, path: str) -> ConfigurationError:
    return ConfigurationError(
        f"{variable} has {path!r}, relative to a working directory that is gone; "
        "expected an absolute path"
    )


def _lake(catalogue: str, data: str) -> Lake | None:
    """The lake in two environment variables, of which both are set or neither. An error does not
    repeat the address, which may have a password after all."""
    address, place = (os.environ.get(name, "").strip() for name in (catalogue, data))
    if not address and not place:
        return None
    if not (address and place):
        found, missing = (catalogue, data) if address else (data, catalogue)
        raise ConfigurationError(f"found {found} without {missing}; expected both or neither")
    if not POSTGRES.fullmatch(address) or "://" in address:  # a URL may have a password
        raise ConfigurationError(
            f"{catalogue}: expected `postgres:` and `name=value` pairs, such as "
            "postgres:dbname=border host=db.example.gov user=borderledger"
        )
    if "password" in address.lower():
        raise ConfigurationError(
            f"{catalogue}: found a password; expected it in PGPASSWORD or in the file that "
            "PGPASSFILE names, since the address is shown"
        )
    if not (BUCKET.fullmatch(place) or Path(place).is_absolute()):
        raise ConfigurationError(
            f"{data} is {place!r}; expected the absolute path of a folder, or s3://BUCKET/FOLDER"
        )
    return Lake(address, place)


def _days(variable: str, default: int) -> int:
    """The number of days in an environment variable."""
    found = os.environ.get(variable) or str(default)
    if not (re.fullmatch("[0-9]{1,5}", found) and 1 <= int(found) <= MOST_DAYS):
        raise ConfigurationError(
            f"{variable} is {found!r}; expected a number of days from 1 to {MOST_DAYS}"
        )
    return int(found)
