"""A candidate: a file that may become a release.

What belongs here: the type that every source yields and intake takes. Nothing is opened or
downloaded here.
"""

from dataclasses import dataclass
from pathlib import Path

from orchestration.releases.publication import PublicationDate


@dataclass(frozen=True)
class Candidate:
    """A file that may be a release; nothing about it has been verified yet.

    source: where it came from, for display: a URL, or the path inside the landing folder.
    """

    path: Path
    dataset: str
    published_on: PublicationDate
    file_name: str
    source: str
