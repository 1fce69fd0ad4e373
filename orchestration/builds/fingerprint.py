"""The fingerprint of a build's inputs: the archive, the code and the versions of the libraries.

Equal fingerprints give equal tables, so a run can see that nothing is new.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

from orchestration.releases.archive import Archive
from orchestration.settings import PROJECT

SOURCES = ("orchestration", "dbt_project", "expectations")
SUFFIXES = {".py", ".sql", ".yaml", ".yml", ".csv"}
GENERATED = {"target", "logs", "dbt_packages", "__pycache__"}
LIBRARIES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "polars")


@dataclass(frozen=True)
class Fingerprint:
    """Digests of the archive and of the code, and the libraries' versions."""

    archive: str
    code: str
    libraries: str

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(asdict(self).values()).encode()).hexdigest()[:16]


def fingerprint(archive: Archive, as_of: date | None = None) -> Fingerprint:
    """The fingerprint of a build made now, from all releases or from those published by a day."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return Fingerprint(archive.digest(as_of), _code_digest(PROJECT), libraries)


@cache
def _code_digest(project: Path) -> str:
    """One hash over the paths and contents of models, suites, catalogue and code."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((project / folder).rglob("*")):
            relative = path.relative_to(project)
            if path.suffix in SUFFIXES and not GENERATED & set(relative.parts):
                digest.update(f"{relative.as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()
