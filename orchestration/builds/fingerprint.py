"""The fingerprint of a build's inputs: the archive, the code, the versions of the libraries and
the operator's claims.

Equal fingerprints give equal tables, so a run can see that nothing is new.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version

from orchestration.builds.claim_files import ClaimFile, digest_of
from orchestration.code_digest import code_digest
from orchestration.releases.archive import Archive

LIBRARIES = ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "polars")


@dataclass(frozen=True)
class Fingerprint:
    """Digests of the archive and of the code, the libraries' versions, and a digest of the
    operator's claims; empty without any, as in a build from before there were such claims."""

    archive: str
    code: str
    libraries: str
    claims: str = ""

    @property
    def digest(self) -> str:
        parts = [part for part in asdict(self).values() if part]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def fingerprint(
    archive: Archive, claims: Sequence[ClaimFile], as_of: date | None = None
) -> Fingerprint:
    """The fingerprint of a build made now, from all releases or from those published by a day, with
    the operator's claims."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return Fingerprint(archive.digest(as_of), code_digest(), libraries, digest_of(claims))
