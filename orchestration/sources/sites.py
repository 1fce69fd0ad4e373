"""Publishers' sites: download the listed files that are new since the last run.

What belongs here: which listed files are new, from a memory of each URL's last response. A
downloaded file is not parsed here, only checked not to be an HTML page; the archive knows
whether its bytes are new.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests

from orchestration.catalogue.dataset import Dataset
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits
from orchestration.sources.candidate import Candidate
from orchestration.sources.failures import BadResponse, Failure, Unreachable
from orchestration.sources.host import Host, expect_ok, is_html
from orchestration.sources.listing import ListedFile, read_listing
from orchestration.sources.memory import Answer, AnswerMemory, LastListing, ListingMemory
from orchestration.sources.vanished import vanished


class Site:
    """One dataset's listing at its publisher.

    memory: a JSON file that keeps each URL's last response between runs; one beside it keeps the
        files that were listed.
    siblings: the datasets listed on the same page.
    is_archived: whether the archive still has the bytes with a SHA-256; else they are downloaded
        again.
    failures: why files of the last walk could not be downloaded.
    left_out: why listed files of the dataset could not be used, one sentence each.
    unmatched: the names of the listed data files that no dataset of the page has.
    vanished: a sentence on the files that the listing no longer has, until it changes again.
    has_changed: whether `vanished` is news: the listing has other files than in the walk before.
    """

    def __init__(
        self,
        dataset: Dataset,
        limits: Limits,
        memory: Path,
        host: Host,
        siblings: Sequence[Dataset] = (),
        is_archived: Callable[[str], bool] = lambda _: True,
    ) -> None:
        if dataset.bundled:
            raise ValueError(f"{dataset.name}: found a bundled dataset, expected one with a site")
        self._dataset = dataset
        self._limits = limits
        self._memory = AnswerMemory(memory)
        self._listings = ListingMemory(memory.with_name(f"{memory.stem}-listing.json"))
        self._host = host
        self._siblings = siblings
        self._is_archived = is_archived
        self._answers: dict[str, Answer] = {}
        self._forget()

    def _forget(self) -> None:
        """Begin a walk without what the last one found."""
        self.failures: list[Failure] = []
        self.left_out: list[str] = []
        self.unmatched: list[str] = []
        self.vanished: tuple[str, ...] = ()
        self.has_changed = False

    def new_candidates(self, into: Path) -> Iterator[Candidate]:
        """Download listed files that have changed into the folder `into` and yield each as a
        candidate, oldest first. A file that fails is named in `failures` and does not stop the
        others. Raises Unreachable, while iterating, if the listing cannot be read or the host
        stops responding."""
        self._forget()
        files = self._listed()
        for listed, path in _with_paths(files, into):
            try:
                candidate = self._download(listed, path)
            except (BadResponse, Unreachable) as error:
                if self._host.down is not None:
                    raise Unreachable(self._host.down) from error
                failure = getattr(error, "failure", None) or Failure(listed.url, str(error))
                self.failures.append(failure)
                continue
            if candidate is not None:
                yield candidate
        if files:  # a page without any is more likely a refusal than a listing
            self._listings.record(LastListing(tuple(files), self.vanished))

    def remember(self, candidate: Candidate) -> None:
        """Do not yield these bytes again; to be called once intake has taken the candidate.
        Raises ValueError for a candidate that this Site has not yielded."""
        if candidate.source not in self._answers:
            raise ValueError(
                f"found a candidate from {candidate.source!r}, expected one of this Site's"
            )
        self._memory.record(candidate.source, self._answers[candidate.source])

    def _listed(self) -> list[ListedFile]:
        """Read the listing, and return its files of the dataset. Raises Unreachable."""
        url = self._dataset.landing_page
        self._host.learn_rules()
        if not self._host.allows(url):
            raise Unreachable(Failure(url, "found that robots.txt disallows it"))
        page = self._host.page(url).decode("utf-8", errors="replace")
        read = read_listing(page, url, self._dataset, self._siblings)
        self.left_out, self.unmatched = read.unusable, read.unmatched
        if not read.files:
            reason = (
                f"found no link to a file such as {self._dataset.file_examples[0]}, expected "
                "some: the page has changed, or it is a refusal"
            )
            self.failures.append(Failure(url, reason))
        last = self._listings.recall()
        self.vanished = last.vanished
        if read.files and {file.url for file in read.files} != {file.url for file in last.files}:
            self.has_changed = True
            self.vanished = tuple(vanished(last.files, read.files, self._dataset))
        return read.files

    def _download(self, listed: ListedFile, path: Path) -> Candidate | None:
        """Return the listed file as a candidate, or None if its bytes have not changed."""
        known = self._memory.recall(listed.url)
        if known and not self._is_archived(known.sha256):
            known = None
        conditions = known.conditions if known else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            # Not compressed, so that Content-Length and ETag are those of the file itself.
            headers = {"Accept-Encoding": "identity", **conditions}
            with self._host.answer(listed.url, headers) as response:
                if response.status_code == 304 and conditions:
                    response.raw.drain_conn()  # no body: the connection can serve the next one
                    return None
                _expect_a_file(response)
                published_on = listed.published_on or _day_of(response)
                answer = Answer.to(response, self._save(response, part))
            if known and known.sha256 == answer.sha256:
                # Only the ETag is new: intake has taken these bytes.
                self._memory.record(listed.url, answer)
                return None
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._answers[listed.url] = answer
        return Candidate(path, self._dataset.name, published_on, listed.file_name, listed.url)

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


def _with_paths(files: Sequence[ListedFile], into: Path) -> Iterator[tuple[ListedFile, Path]]:
    """Yield each file with the path to download it to. The same name in two of the publisher's
    folders must not overwrite a candidate that intake has not taken yet."""
    times: Counter[str] = Counter()
    for listed in files:
        again = times[listed.file_name]
        times[listed.file_name] += 1
        yield listed, (into / str(again) if again else into) / listed.file_name


def _expect_a_file(response: requests.Response) -> None:
    expect_ok(response)
    content_type = response.headers.get("Content-Type", "")
    if re.match(r"\s*(text/html|application/xhtml)", content_type, re.IGNORECASE):
        raise BadResponse(f"found an HTML page ({content_type}), expected a file")


def _day_of(response: requests.Response) -> PublicationDate:
    """The day on which the publisher put a file there, which was published then or, if it has
    only been moved, before. Raises BadResponse if the response does not say so."""
    try:
        modified = parsedate_to_datetime(response.headers.get("Last-Modified", ""))
    except ValueError:
        raise BadResponse(
            "found no publication date, expected one in the table of attachments, in the file's "
            "name, in the URL's folder or as Last-Modified"
        ) from None
    return PublicationDate(modified.date(), "day")
