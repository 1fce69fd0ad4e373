"""What is remembered of a publisher from one fetch to the next.

What belongs here: JSON files with each URL's last response, and with the files last listed. One
that cannot be read counts as empty: the only cost is to download again, or one night on which a
vanished file is not noticed.
"""

import json
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from orchestration.durable import replace
from orchestration.releases.publication import PublicationDate
from orchestration.sources.listing import ListedFile
from orchestration.sources.urls import file_name_of

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """A URL's response: the hash of its bytes, and its headers for a conditional request."""

    sha256: str
    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def to(cls, response: requests.Response, sha256: str) -> "Answer":
        headers = response.headers
        return cls(sha256, _token(headers.get("ETag")), _token(headers.get("Last-Modified")))

    @classmethod
    def load(cls, record: object) -> "Answer | None":
        """Parse a record of the memory; None if it is malformed."""
        if not isinstance(record, dict):
            return None
        sha256 = record.get("sha256")
        if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
            return None
        return cls(sha256, _token(record.get("etag")), _token(record.get("last_modified")))

    @property
    def conditions(self) -> dict[str, str]:
        """Return the headers that request the file only if it has changed."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class AnswerMemory:
    """The last response of each URL."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, url: str) -> Answer | None:
        return self._load().get(url)

    def record(self, url: str, answer: Answer) -> None:
        records = {known: asdict(old) for known, old in self._load().items()}
        _write(self._path, records | {url: asdict(answer)})

    def _load(self) -> dict[str, Answer]:
        answers = {url: Answer.load(record) for url, record in _read(self._path).items()}
        return {url: answer for url, answer in answers.items() if answer}


@dataclass(frozen=True)
class LastListing:
    """files: those of the dataset; vanished: what was said of files that it no longer had."""

    files: tuple[ListedFile, ...] = ()
    vanished: tuple[str, ...] = ()


class ListingMemory:
    """The files of a dataset that its listing had last."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> LastListing:
        record = _read(self._path)
        listed, vanished = record.get("listed"), record.get("vanished")
        files = map(_listed, listed.items()) if isinstance(listed, dict) else ()
        sentences = vanished if isinstance(vanished, list) else []
        return LastListing(
            tuple(file for file in files if file is not None),
            tuple(sentence for sentence in sentences if isinstance(sentence, str)),
        )

    def record(self, last: LastListing) -> None:
        listed = {file.url: file.published_on and str(file.published_on) for file in last.files}
        _write(self._path, {"listed": listed, "vanished": list(last.vanished)})


def _listed(record: tuple[str, object]) -> ListedFile | None:
    url, published_on = record
    try:
        day = None if published_on is None else PublicationDate.parse(str(published_on))
        return ListedFile(url, file_name_of(url), day)
    except ValueError:
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        log.warning("%s: found no readable memory, starting a new one: %s", path, error)
        return {}
    if not isinstance(record, dict):
        log.warning("%s: found no JSON object, starting a new memory", path)
        return {}
    return record


def _write(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, sort_keys=True)
    replace(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def _token(value: object) -> str | None:
    """Return a header's value if it can be sent back unchanged, else None."""
    fits = isinstance(value, str) and value.isascii() and value.isprintable()
    return value if fits and isinstance(value, str) else None
