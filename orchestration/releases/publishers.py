"""Publishers' sites: the releases that a publisher posts, and the download of the new ones.

What belongs here: how a listing page is read, the manners in which a publisher's host is
asked, and the memory of what it answered before. What is inside a downloaded file is not
judged here, beyond telling a file from a page of HTML: the readers open it, and the
archive knows whether its bytes are new.
"""

import hashlib
import json
import logging
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

import requests
from urllib3.exceptions import HTTPError

from orchestration.releases.catalogue import MONTHS, Dataset
from orchestration.releases.offer import Offer, PublicationDate
from orchestration.settings import Limits

log = logging.getLogger(__name__)

# The publishers refuse clients that do not look like a browser; behind that we name ourselves.
ROBOT = "borderledger"
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    f"Chrome/140.0 Safari/537.36 {ROBOT}/0.1"
)
HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html,application/xhtml+xml,text/csv,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.9",
}
CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
CHUNK_BYTES = 64 * 1024
MOST_REDIRECTS = 3
MOST_SILENCES = 3
LONGEST_NAME = 200
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Unreachable(Exception):
    """The publisher could not be reached, or refused to answer as a publisher should."""


@dataclass(frozen=True)
class Posting:
    """A file that a listing links, and when it was published."""

    url: str
    file_name: str
    published_on: PublicationDate


def postings(page: str, page_url: str, dataset: Dataset) -> list[Posting]:
    """The files of this dataset that a listing links, one a URL, oldest first. A file with
    the right name that cannot be taken (foreign host, unsafe name, no date) is logged."""
    links = _Links(page_url)
    links.feed(page)
    links.close()
    publisher = _origin(dataset.landing_page)
    found: list[Posting] = []
    for url, table_date in links.dates.items():
        file_name = _file_name(url)
        if not re.fullmatch(dataset.file_pattern, file_name, re.IGNORECASE):
            continue
        published_on = PublicationDate(table_date, "day") if table_date else _date_of_folder(url)
        if publisher is None or _origin(url) != publisher:
            log.warning("%s: refused, expected a link to %s", url, dataset.landing_page)
        elif not _is_safe(file_name):
            log.warning("%s: refused, found the unsafe file name %r", url, file_name)
        elif published_on is None:
            log.warning(
                "%s: skipped, found no publication date, expected one in the table of "
                "attachments or in the URL's folder",
                url,
            )
        else:
            found.append(Posting(url, file_name, published_on))
    found.reverse()  # The listing is newest first: files of one day stay in their order too.
    return sorted(found, key=lambda posting: posting.published_on.on)


class Site:
    """One dataset's listing at its publisher.

    memory: a JSON file that remembers, between runs, what each URL answered.
    pause: seconds between two requests to the host; a longer Crawl-delay is kept.
    failures: what could not be taken in the last walk, one sentence each.
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
        self._dataset = dataset
        self._limits = limits
        self._memory = _Memory(memory)
        self._host = _Host(dataset.landing_page, limits, session or requests.Session(), pause)
        self._answers: dict[str, _Answer] = {}

    def new_offers(self, into: Path) -> Iterator[Offer]:
        """Download into a folder what is posted and not remembered as unchanged, oldest
        first. A posting that fails is named in `failures` and does not stop the others.
        Raises Unreachable, once iterated, if the listing cannot be read or the host falls
        silent."""
        self.failures = []
        silences = 0
        for posting, path in self._listed(into):
            try:
                offer = self._download(posting, path)
                silences = 0
            except _Refused as refusal:
                self.failures.append(f"{posting.url}: {refusal}")
                silences = 0
                continue
            except Unreachable as error:
                silences += 1
                if silences == MOST_SILENCES:
                    raise
                self.failures.append(str(error))
                continue
            if offer is not None:
                yield offer

    def remember(self, offer: Offer) -> None:
        """Do not offer these bytes again. To be called once the offer has been dealt with.
        Raises ValueError for an offer that this Site has not made."""
        if offer.source not in self._answers:
            raise ValueError(f"found an offer from {offer.source!r}, expected one of this Site's")
        self._memory.record(offer.source, self._answers[offer.source])

    def _listed(self, into: Path) -> Iterator[tuple[Posting, Path]]:
        """The postings, each with the path that it is downloaded to."""
        listing = self._dataset.landing_page
        self._host.learn_rules()
        if not self._host.allows(listing):
            self.failures.append(f"{listing}: found that robots.txt disallows it")
            return
        page = self._host.page(listing).decode("utf-8", errors="replace")
        found = postings(page, listing, self._dataset)
        if not found:
            self.failures.append(
                f"{listing}: found no link to a file named like {self._dataset.file_pattern}, "
                "expected some: the page has changed, or it is a refusal"
            )
        into.mkdir(parents=True, exist_ok=True)
        times: Counter[str] = Counter()
        for posting in found:
            # The same name in two folders of the publisher must not overwrite an offer that
            # nobody has dealt with yet.
            again = times[posting.file_name]
            times[posting.file_name] += 1
            yield posting, (into / str(again) if again else into) / posting.file_name

    def _download(self, posting: Posting, path: Path) -> Offer | None:
        """The posting as an offer, or None if its bytes are the remembered ones."""
        known = self._memory.recall(posting.url)
        conditions = known.conditions if known else {}
        path.parent.mkdir(exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            # Not compressed: then Content-Length and ETag speak of the file itself.
            headers = {"Accept-Encoding": "identity", **conditions}
            with self._host.answer(posting.url, headers) as response:
                if response.status_code == 304 and conditions:
                    response.raw.drain_conn()  # no body: the connection can serve the next one
                    return None
                _expect_a_file(response)
                answer = _Answer.to(response, self._save(response, part))
            if known and known.sha256 == answer.sha256:
                # Only the ETag is new: these bytes have been dealt with.
                self._memory.record(posting.url, answer)
                return None
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._answers[posting.url] = answer
        return Offer(path, self._dataset.name, posting.published_on, posting.file_name, posting.url)

    def _save(self, response: requests.Response, part: Path) -> str:
        """Write the body to a new file; its sha256."""
        digest = hashlib.sha256()
        head = b""
        part.unlink(missing_ok=True)
        with part.open("xb") as file:
            for chunk in self._host.body(response, self._limits.release_bytes):
                file.write(chunk)
                digest.update(chunk)
                head += chunk[: max(0, 512 - len(head))]
        if not head:
            raise _Refused("found an empty body, expected a file")
        if _is_html(head):
            raise _Refused("found an HTML page, expected a file")
        return digest.hexdigest()


class _Refused(Exception):
    """One URL was not answered as it should be: says what was found, what was expected."""


@dataclass(frozen=True)
class _Answer:
    """What a URL answered: the hash of its bytes, and the headers to ask again with."""

    sha256: str
    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def to(cls, response: requests.Response, sha256: str) -> "_Answer":
        headers = response.headers
        return cls(sha256, _token(headers.get("ETag")), _token(headers.get("Last-Modified")))

    @classmethod
    def load(cls, record: object) -> "_Answer | None":
        """Read a record of the memory; None if it is not one."""
        if not isinstance(record, dict):
            return None
        sha256 = record.get("sha256")
        if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
            return None
        return cls(sha256, _token(record.get("etag")), _token(record.get("last_modified")))

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the file only if it has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}


class _Memory:
    """A JSON file: one answer a URL. One that cannot be read is as good as none, for all
    that it costs is to download again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, url: str) -> _Answer | None:
        return self._load().get(url)

    def record(self, url: str, answer: _Answer) -> None:
        records = {known: asdict(old) for known, old in self._load().items()}
        records[url] = asdict(answer)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(self._path.name + ".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(records, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)

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


@dataclass
class _Turn:
    """Whose turn it is to ask one host, and when it was asked last."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ended_at: float = float("-inf")


# Three datasets live on one host: all Sites of a process take turns.
_TURNS: dict[tuple[str, str, int], _Turn] = {}


class _Host:
    """The publisher's host, asked with manners: one request at a time, a pause between
    two, robots.txt kept, and never another host."""

    def __init__(
        self, landing_page: str, limits: Limits, session: requests.Session, pause: float
    ) -> None:
        origin = _origin(landing_page)
        if origin is None:
            raise ValueError(f"found the landing page {landing_page!r}, expected an https URL")
        self._origin = origin
        self._turn = _TURNS.setdefault(origin, _Turn())
        self._robots_url = urljoin(landing_page, "/robots.txt")
        self._limits = limits
        self._session = session
        self._pause = pause
        self._rules: RobotFileParser | None = None
        self._asked_at = 0.0

    def learn_rules(self) -> None:
        """Read robots.txt, once. Raises Unreachable."""
        if self._rules is not None:
            return
        content = self.page(self._robots_url, missing_ok=True)
        if _is_html(content):
            raise self._unreachable(self._robots_url, "an HTML page, expected robots.txt")
        rules = RobotFileParser(self._robots_url)
        rules.parse(content.decode("utf-8-sig", errors="replace").splitlines())
        delay = float(rules.crawl_delay(ROBOT) or 0)
        if delay > self._limits.download_seconds:
            # Sleeping through it would hang the nightly run: the polite answer is to stay away.
            raise self._unreachable(
                self._robots_url,
                f"a Crawl-delay of {delay:g} s, expected at most "
                f"{self._limits.download_seconds:g} s",
            )
        self._pause = max(self._pause, delay)
        self._rules = rules

    def allows(self, url: str) -> bool:
        return self._rules is None or self._rules.can_fetch(ROBOT, url)

    def page(self, url: str, *, missing_ok: bool = False) -> bytes:
        """A whole page; with missing_ok, nothing for a 404. Raises Unreachable."""
        try:
            with self.answer(url, {}) as response:
                if missing_ok and response.status_code == 404:
                    return b""
                _expect_ok(response)
                return b"".join(self.body(response, self._limits.page_bytes))
        except _Refused as refusal:
            raise self._unreachable(url, str(refusal).removeprefix("found ")) from refusal

    @contextmanager
    def answer(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """The answer at the end of the redirects, its body not read yet. Raises _Refused,
        or Unreachable if there is none."""
        with self._turn.lock:
            asked = url
            for hop in range(MOST_REDIRECTS + 1):
                if not self.allows(asked):
                    raise _Refused(f"found that robots.txt disallows {asked}")
                self._wait()
                if hop == 0:
                    self._asked_at = time.monotonic()
                try:
                    with self._ask(asked, headers) as response:
                        if not response.is_redirect:
                            _expect_the_name(asked, url)
                            yield response
                            return
                        location = response.headers["Location"]
                finally:
                    self._turn.ended_at = time.monotonic()
                asked = self._redirected(asked, location)
        raise _Refused(f"found more than {MOST_REDIRECTS} redirects, expected a file")

    def body(self, response: requests.Response, limit: int) -> Iterator[bytes]:
        """The body as it arrives. Raises _Refused if it is larger than the limit, slower
        than download_seconds, or breaks off."""
        announced = response.headers.get("Content-Length", "")
        if re.fullmatch("[0-9]{1,18}", announced) and int(announced) > limit:
            raise _Refused(f"found {int(announced):,} bytes, expected at most {limit:,}")
        seconds = self._limits.download_seconds
        size = 0
        try:
            # read1 returns what is there; read and iter_content wait until a chunk is full,
            # so that a body that drips would never meet the clock.
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                size += len(chunk)
                if size > limit:
                    raise _Refused(f"found more than {limit:,} bytes, expected at most that")
                if time.monotonic() - self._asked_at > seconds:
                    raise _Refused(
                        f"found {size:,} bytes after {seconds:g} s, expected all of it by then"
                    )
                yield chunk
        except HTTPError as error:
            raise _Refused(
                f"found a body that breaks off after {size:,} bytes, expected "
                f"{announced or 'its end'}: {error}"
            ) from error

    def _wait(self) -> None:
        gap = self._turn.ended_at + self._pause - time.monotonic()
        if gap > 0:
            time.sleep(gap)

    def _ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """One request, no redirect followed. Raises Unreachable."""
        session = self._session
        seconds = self._limits.download_seconds
        try:
            request = session.prepare_request(
                requests.Request("GET", url, headers={**HEADERS, **headers})
            )
            settings = session.merge_environment_settings(url, {}, True, None, None)
            # Not session.send: it reads the whole body of a redirect, however large, before
            # anybody can look at it, and it keeps cookies.
            return session.get_adapter(url).send(
                request,
                stream=True,
                timeout=(min(CONNECT_SECONDS, seconds), min(READ_SECONDS, seconds)),
                # A session can bring its own certificates, never switch the check off.
                verify=settings["verify"] or True,
                cert=settings["cert"],
                proxies=settings["proxies"],
            )
        except requests.RequestException as error:
            raise self._unreachable(url, f"{type(error).__name__}: {error}") from error

    def _redirected(self, asked: str, location: str) -> str:
        """Where a redirect leads. Raises _Refused if we do not go there."""
        target = _resolve(asked, location)
        if target is None or _origin(target) != self._origin:
            raise _Refused(
                f"found a redirect to {location!r}, expected to stay on {self._origin[1]}"
            )
        if urlsplit(target).path in ("", "/"):
            raise _Refused(f"found a redirect to the home page, {target}, expected a file")
        return target

    def _unreachable(self, url: str, found: str) -> Unreachable:
        return Unreachable(f"{self._origin[1]}: asked for {url}, found {found}")


class _Links(HTMLParser):
    """Every link of a page in its order, with the date of the table row that holds it.

    dates: the date by URL; None for a link in no dated row.
    """

    def __init__(self, page_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.dates: dict[str, date | None] = {}
        self._page_url = page_url
        self._row_urls: list[str] | None = None
        self._row_date: date | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "tr":
            self._end_row()
            self._row_urls = []
        url = _resolve(self._page_url, values.get("href") or "") if tag == "a" else None
        if url is not None:
            self.dates.setdefault(url, None)
            if self._row_urls is not None:
                self._row_urls.append(url)
        found = _date_of_cell(values.get("data-sort-value") or "")
        if found is not None:
            # Two dates in a row: the later one, so that nothing is known too early.
            self._row_date = max(found, self._row_date or found)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("tr", "table"):
            self._end_row()

    def close(self) -> None:
        super().close()
        self._end_row()

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over `<![…]>`, on some of which html.parser gives up with AssertionError."""
        return self.parse_bogus_comment(i)

    def _end_row(self) -> None:
        for url in self._row_urls or ():
            known = self.dates[url]
            if self._row_date is not None:
                self.dates[url] = max(self._row_date, known or self._row_date)
        self._row_urls = None
        self._row_date = None


def _date_of_cell(sort_value: str) -> date | None:
    """Read `09/04/2026`, month first. A size, which is sorted the same way, is None."""
    if not re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", sort_value.strip()):
        return None
    try:
        return datetime.strptime(sort_value.strip(), "%m/%d/%Y").date()
    except ValueError:
        log.warning("found the date %r, expected MM/DD/YYYY", sort_value)
        return None


def _date_of_folder(url: str) -> PublicationDate | None:
    """Read the folder nearest to the file that is a month: `2026-09` or `2023-Nov`."""
    for folder in reversed(urlsplit(url).path.split("/")[:-1]):
        found = re.fullmatch(r"(20[0-9]{2})-(?:(0[1-9]|1[0-2])|([a-z]{3,9}))", folder.lower())
        if found is None:
            continue
        year, number, name = found.groups()
        if number is None and name[:3] not in MONTHS:
            continue
        return PublicationDate.parse(f"{year}-{number or f'{MONTHS.index(name[:3]) + 1:02}'}")
    return None


def _resolve(page_url: str, link: str) -> str | None:
    """A link as an absolute URL, always spelled the same: lower-case host, no fragment."""
    try:
        parts = urlsplit(urljoin(page_url, link.strip()))
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, parts.query, ""))


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of a URL that may be asked: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if not host or "@" in parts.netloc:
        return None
    if parts.scheme == "https":
        return "https", host, port or 443
    if parts.scheme == "http" and host in LOOPBACK:
        return "http", host, port or 80
    return None


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])


def _is_safe(file_name: str) -> bool:
    """Whether a name can only ever be that of a plain file inside a folder."""
    return (
        file_name.isprintable()
        and not file_name.startswith(".")
        and not re.search(r"[/\\:]", file_name)
        and 0 < len(file_name.encode("utf-8", errors="replace")) <= LONGEST_NAME
    )


def _is_html(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def _token(value: object) -> str | None:
    """A header's value if it can be sent back as it came."""
    fits = isinstance(value, str) and value.isascii() and value.isprintable()
    return value if fits and isinstance(value, str) else None


def _expect_ok(response: requests.Response) -> None:
    if response.status_code != 200:
        raise _Refused(f"found {response.status_code} {response.reason}, expected 200 OK")


def _expect_a_file(response: requests.Response) -> None:
    _expect_ok(response)
    content_type = response.headers.get("Content-Type", "")
    if re.match(r"\s*(text/html|application/xhtml)", content_type, re.IGNORECASE):
        raise _Refused(f"found an HTML page ({content_type}), expected a file")


def _expect_the_name(answered: str, asked: str) -> None:
    """A redirect may move a file to another folder, not turn it into something else."""
    if _file_name(answered) != _file_name(asked):
        raise _Refused(f"found a redirect to {answered}, expected {_file_name(asked)}")
