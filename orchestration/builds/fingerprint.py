"""The fingerprint of a build's inputs: the archive, the code and the versions of the libraries.

Equal fingerprints give equal tables, so a run can see that nothing is new.
"""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version

from orchestration.code_digest import code_digest
from orchestration.releases.archive import Archive

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
    return Fingerprint(archive.digest(as_of), code_digest(), libraries)
