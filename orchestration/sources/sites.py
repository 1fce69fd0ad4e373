"""Publishers' sites: download the listed files that are new since the last run.

What belongs here: which listed files are new, from a memory of each URL's last response. A
downloaded file is not parsed here, only checked not to be an HTML page; the archive knows
whether its bytes are new.
"""

import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import requests

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.durable import replace
from orchestration.settings import Limits
from orchestration.sources.candidate import Candidate
from orchestration.sources.host import (
    BadResponse,
    Host,
    Unreachable,
    expect_ok,
    is_html,
    new_session,
)
from orchestration.sources.listing import ListedFile, read_listing

log = logging.getLogger(__name__)

MOST_SILENCES = 3


class Site:
    """One dataset's listing at its publisher.

    memory: a JSON file that keeps each URL's last response between runs.
    pause: seconds between two requests to the host; a longer Crawl-delay is respected.
    failures: why files of the last walk could not be downloaded, one sentence each.
    left_out: why listed files of the dataset could not be used, one sentence each.
    unmatched: the names of the listed data files that no dataset of the page has.
    """

    def __init__(
        self,
        dataset: Dataset,
        limits: Limits,
        memory: Path,
        session: requests.Session | None = None,
        pause: float = 1.0,
    ) -> None:
        if dataset.bundled:
            raise ValueError(f"{dataset.name}: found a bundled dataset, expected one with a site")
        self.failures: list[str] = []
        self.left_out: list[str] = []
        self.unmatched: list[str] = []
        self._dataset = dataset
        self._limits = limits
        self._memory = _Memory(memory)
        self._host = Host(dataset.landing_page, limits, session or new_session(limits), pause)
        self._answers: dict[str, _Answer] = {}

    def new_candidates(self, into: Path) -> Iterator[Candidate]:
        """Download listed files that have changed into the folder `into` and yield each as a
        candidate, oldest first. A file that fails is named in `failures` and does not stop the
        others. Raises Unreachable, while iterating, if the listing cannot be read or the host
        stops responding."""
        self.failures, self.left_out, self.unmatched = [], [], []
        silences = 0
        for listed, path in self._listed(into):
            try:
                candidate = self._download(listed, path)
                silences = 0
            except BadResponse as refusal:
                self.failures.append(f"{listed.url}: {refusal}")
                silences = 0
                continue
            except Unreachable as error:
                silences += 1
                if silences == MOST_SILENCES:
                    raise
                self.failures.append(str(error))
                continue
            if candidate is not None:
                yield candidate

    def remember(self, candidate: Candidate) -> None:
        """Do not yield these bytes again; to be called once intake has taken the candidate.
        Raises ValueError for a candidate that this Site has not yielded."""
        if candidate.source not in self._answers:
            raise ValueError(
                f"found a candidate from {candidate.source!r}, expected one of this Site's"
            )
        self._memory.record(candidate.source, self._answers[candidate.source])

    def _listed(self, into: Path) -> Iterator[tuple[ListedFile, Path]]:
        """Yield each listed file with the path to download it to."""
        listing = self._dataset.landing_page
        self._host.learn_rules()
        if not self._host.allows(listing):
            self.failures.append(f"{listing}: found that robots.txt disallows it")
            return
        page = self._host.page(listing).decode("utf-8", errors="replace")
        siblings = [other for other in load_catalogue().values() if other.landing_page == listing]
        read = read_listing(page, listing, self._dataset, siblings)
        self.left_out, self.unmatched = read.unusable, read.unmatched
        found = read.files
        if not found:
            self.failures.append(
                f"{listing}: found no link to a file named like {self._dataset.file_pattern}, "
                "expected some: the page has changed, or it is a refusal"
            )
        into.mkdir(parents=True, exist_ok=True)
        times: Counter[str] = Counter()
        for listed in found:
            # The same name in two of the publisher's folders must not overwrite a candidate
            # that intake has not taken yet.
            again = times[listed.file_name]
            times[listed.file_name] += 1
            yield listed, (into / str(again) if again else into) / listed.file_name

    def _download(self, listed: ListedFile, path: Path) -> Candidate | None:
        """Return the listed file as a candidate, or None if its bytes have not changed."""
        known = self._memory.recall(listed.url)
        conditions = known.conditions if known else {}
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            # Not compressed, so that Content-Length and ETag are those of the file itself.
            headers = {"Accept-Encoding": "identity", **conditions}
            with self._host.answer(listed.url, headers) as response:
                if response.status_code == 304 and conditions:
                    response.raw.drain_conn()  # no body: the connection can serve the next one
                    return None
                _expect_a_file(response)
                answer = _Answer.to(response, self._save(response, part))
            if known and known.sha256 == answer.sha256:
                # Only the ETag is new: intake has taken these bytes.
                self._memory.record(listed.url, answer)
                return None
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._answers[listed.url] = answer
        return Candidate(
            path, self._dataset.name, listed.published_on, listed.file_name, listed.url
        )

    def _save(self, response: requests.Response, part: Path) -> str:
        """Write the body to a new file and return its SHA-256."""
        digest = hashlib.sha256()
        head = b""
        part.unlink(missing_ok=True)
        with part.open("xb") as file:
            for chunk in self._host.body(response, self._limits.release_bytes):
                file.write(chunk)
                digest.update(chunk)
                head += chunk[: max(0, 512 - len(head))]
        if not head:
            raise BadResponse("found an empty body, expected a file")
        if is_html(head):
            raise BadResponse("found an HTML page, expected a file")
        return digest.hexdigest()


@dataclass(frozen=True)
class _Answer:
    """A URL's response: the hash of its bytes, and its headers for a conditional request."""

    sha256: str
    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def to(cls, response: requests.Response, sha256: str) -> "_Answer":
        headers = response.headers
        return cls(sha256, _token(headers.get("ETag")), _token(headers.get("Last-Modified")))

    @classmethod
    def load(cls, record: object) -> "_Answer | None":
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


class _Memory:
    """A JSON file with one record per URL. An unreadable one counts as empty: the only cost is
    to download again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, url: str) -> _Answer | None:
        return self._load().get(url)

    def record(self, url: str, answer: _Answer) -> None:
        records = {known: asdict(old) for known, old in self._load().items()}
        records[url] = asdict(answer)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(records, indent=1, sort_keys=True)
        replace(self._path, lambda path: path.write_text(text, encoding="utf-8"))

    def _load(self) -> dict[str, _Answer]:
        try:
            records = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s: found no readable memory, starting a new one: %s", self._path, error)
            return {}
        if not isinstance(records, dict):
            log.warning("%s: found no JSON object, starting a new memory", self._path)
            return {}
        answers = {url: _Answer.load(record) for url, record in records.items()}
        return {url: answer for url, answer in answers.items() if answer}


def _token(value: object) -> str | None:
    """Return a header's value if it can be sent back unchanged, else None."""
    fits = isinstance(value, str) and value.isascii() and value.isprintable()
    return value if fits and isinstance(value, str) else None


def _expect_a_file(response: requests.Response) -> None:
    expect_ok(response)
    content_type = response.headers.get("Content-Type", "")
    if re.match(r"\s*(text/html|application/xhtml)", content_type, re.IGNORECASE):
        raise BadResponse(f"found an HTML page ({content_type}), expected a file")
