"""Requests to a publisher's host: which are allowed, how often, how large and how slow.

What belongs here: the URLs that may be requested, one request at a time with a pause,
robots.txt, redirects, and limits on size and time. `listing` parses pages; `sites` decides
which files to download.
"""

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from orchestration.settings import Limits
from orchestration.sources.failures import (
    BadResponse,
    Failure,
    TooSlow,
    Unreachable,
    why_unanswered,
)
from orchestration.sources.session import new_session
from orchestration.sources.urls import HTTPS_PORT, file_name_of, origin, resolve

# The publishers refuse clients that do not resemble a browser; our own name comes last.
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
PAUSE_SECONDS = 1.0
RETRY_SECONDS = 5.0  # before a busy host is asked again, if it does not say how long
BUSY = (429, 503)


@dataclass
class _Turn:
    """A lock for the requests to one host, and when the last one ended."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ended_at: float = float("-inf")


# Three datasets share one host: all Sites of a process take turns.
_TURNS: dict[tuple[str, str, int], _Turn] = {}


class Hosts:
    """The publishers' hosts during one fetch. Datasets of one host share what is known of it: its
    robots.txt, its pages, and that it does not answer."""

    def __init__(self, limits: Limits, session: requests.Session | None = None) -> None:
        self._limits = limits
        self._session = session or new_session(limits)
        self._hosts: dict[tuple[str, str, int], Host] = {}

    def of(self, landing_page: str) -> "Host":
        """The host of a landing page. Raises ValueError if that is no https URL."""
        host = Host(landing_page, self._limits, self._session)
        return self._hosts.setdefault(host.origin, host)


class Host:
    """One publisher's host: one request at a time, with a pause in between, within robots.txt.
    No other host is ever requested.

    pause: seconds between two requests; a longer Crawl-delay is respected.
    down: why nothing more is requested from it; None while it answers.
    """

    def __init__(
        self,
        landing_page: str,
        limits: Limits,
        session: requests.Session,
        pause: float | None = None,
    ) -> None:
        home = origin(landing_page)
        if home is None:
            raise ValueError(f"found the landing page {landing_page!r}, expected an https URL")
        self.origin = home
        self.name = home[1] if home[2] == HTTPS_PORT else f"{home[1]}:{home[2]}"
        self.down: Failure | None = None
        self._turn = _TURNS.setdefault(home, _Turn())
        self._robots_url = urljoin(landing_page, "/robots.txt")
        self._limits = limits
        self._session = session
        self._pause = PAUSE_SECONDS if pause is None else pause
        self._patience = limits.download_seconds  # for all waits that the host asks for together
        self._silences = 0
        self._pages: dict[str, bytes | Failure] = {}
        self._rules: RobotFileParser | None = None
        self._asked_at = 0.0

    def learn_rules(self) -> None:
        """Read robots.txt, once per Host. Raises Unreachable: without it nothing is requested."""
        if self._rules is not None:
            return
        try:
            content = self.page(self._robots_url, missing_ok=True)
        except Unreachable as error:
            raise self._given_up(error.failure) from error
        if is_html(content):
            reason = "found an HTML page, expected robots.txt"
            raise self._given_up(Failure(self._robots_url, reason))
        rules = RobotFileParser(self._robots_url)
        rules.parse(content.decode("utf-8-sig", errors="replace").splitlines())
        delay = float(rules.crawl_delay(ROBOT) or 0)
        most = self._limits.download_seconds
        if delay > most:
            # Waiting that long would hang the nightly run, and a shorter wait would be rude.
            reason = f"found a Crawl-delay of {delay:g} s, expected at most {most:g} s"
            raise self._given_up(Failure(self._robots_url, reason))
        self._pause = max(self._pause, delay)
        self._rules = rules

    def allows(self, url: str) -> bool:
        return self._rules is None or self._rules.can_fetch(ROBOT, url)

    def page(self, url: str, *, missing_ok: bool = False) -> bytes:
        """Return a whole page, which is requested once per Host; with missing_ok, b"" for a 404.
        Raises Unreachable."""
        if url not in self._pages:
            self._pages[url] = self._read(url, missing_ok)
        page = self._pages[url]
        if isinstance(page, Failure):
            raise Unreachable(page)
        return page

    def _read(self, url: str, missing_ok: bool) -> bytes | Failure:
        try:
            with self.answer(url, {}) as response:
                if missing_ok and response.status_code == 404:
                    return b""
                expect_ok(response)
                return b"".join(self.body(response, self._limits.page_bytes))
        except BadResponse as refusal:
            return Failure(url, str(refusal))
        except Unreachable as error:
            return error.failure

    @contextmanager
    def answer(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """Yield the response at the end of the redirects, its body not read yet. A busy host is
        asked once more, after the time that it asks for. Raises BadResponse, or Unreachable if
        the host does not respond; after three silences in a row it is not asked again."""
        if self.down is not None:
            raise Unreachable(self.down)
        with self._turn.lock, self._patiently(url, headers) as response:
            try:
                yield response
            except TooSlow as slow:
                self._count_silence(Failure(url, str(slow)))
                raise
            except BadResponse:
                self._silences = 0
                raise
            self._silences = 0

    @contextmanager
    def _patiently(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        with self._followed(url, headers) as response:
            if response.status_code not in BUSY:
                yield response
                return
            seconds = self._wait_asked_for(response)
        time.sleep(seconds)
        with self._followed(url, headers) as response:
            if response.status_code in BUSY:
                raise self._silent(
                    Failure(url, f"found {_status(response)} twice, expected 200 OK")
                )
            yield response

    @contextmanager
    def _followed(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """Yield the response at the end of the redirects."""
        asked = url
        for hop in range(MOST_REDIRECTS + 1):
            if not self.allows(asked):
                raise BadResponse(f"found that robots.txt disallows {asked}")
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
        raise BadResponse(f"found more than {MOST_REDIRECTS} redirects, expected a file")

    def body(self, response: requests.Response, limit: int) -> Iterator[bytes]:
        """Yield the body in chunks as they come in. Raises BadResponse if it is larger than
        `limit` bytes or incomplete, and TooSlow if it takes longer than download_seconds."""
        announced = response.headers.get("Content-Length", "")
        if re.fullmatch("[0-9]{1,18}", announced) and int(announced) > limit:
            raise BadResponse(f"found {int(announced):,} bytes, expected at most {limit:,}")
        seconds = self._limits.download_seconds
        size = 0
        try:
            # read1 returns what is there; read and iter_content wait until a chunk is full, so
            # a body that drips in byte by byte would never be timed.
            while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
                size += len(chunk)
                if size > limit:
                    raise BadResponse(f"found more than {limit:,} bytes, expected at most that")
                if time.monotonic() - self._asked_at > seconds:
                    raise TooSlow(
                        f"found {size:,} bytes after {seconds:g} s, expected all of it by then"
                    )
                yield chunk
        except ReadTimeoutError as error:
            raise TooSlow(
                f"found {size:,} bytes and then none for "
                f"{min(READ_SECONDS, seconds):g} s, expected {announced or 'its end'}"
            ) from error
        except HTTPError as error:
            raise BadResponse(
                f"found a body that breaks off after {size:,} bytes, expected "
                f"{announced or 'its end'}"
            ) from error

    def _wait(self) -> None:
        gap = self._turn.ended_at + self._pause - time.monotonic()
        if gap > 0:
            time.sleep(gap)

    def _ask(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """Send one request, without following redirects. Raises Unreachable."""
        session = self._session
        seconds = self._limits.download_seconds
        started = time.monotonic()
        try:
            request = session.prepare_request(
                requests.Request("GET", url, headers={**HEADERS, **headers})
            )
            settings = session.merge_environment_settings(url, {}, True, None, None)
            # Not session.send: it keeps cookies, and it reads the whole body of a redirect,
            # however large.
            return session.get_adapter(url).send(
                request,
                stream=True,
                timeout=(min(CONNECT_SECONDS, seconds), min(READ_SECONDS, seconds)),
                # A session may bring its own certificates but never switch the check off.
                verify=settings["verify"] or True,
                cert=settings["cert"],
                proxies=settings["proxies"],
            )
        except requests.RequestException as error:
            passed = time.monotonic() - started
            if passed > seconds:
                failure = Failure(url, f"found no whole answer after {seconds:g} s")
                raise self._silent(failure) from error
            reason, no_connection = why_unanswered(error, passed)
            if no_connection:
                raise self._given_up(Failure(self.name, reason)) from error
            raise self._silent(Failure(url, reason)) from error

    def _wait_asked_for(self, response: requests.Response) -> float:
        """Return for how many seconds a busy host asks to be left alone. Raises Unreachable if
        that is longer than a fetch can wait; then the host is left alone until the next one."""
        asked = _retry_after(response.headers.get("Retry-After", ""))
        seconds = RETRY_SECONDS if asked is None else asked
        if seconds > self._patience:
            reason = (
                f"found {_status(response)}, to be asked again in {seconds:,.0f} s, expected at "
                f"most {self._patience:,.0f} s"
            )
            raise self._given_up(Failure(self.name, reason))
        self._patience -= seconds
        return seconds

    def _silent(self, failure: Failure) -> Unreachable:
        self._count_silence(failure)
        return Unreachable(failure)

    def _count_silence(self, failure: Failure) -> None:
        self._silences += 1
        if self._silences == MOST_SILENCES:
            reason = f"{failure.reason} ({MOST_SILENCES} requests in a row)"
            self.down = Failure(self.name, reason)

    def _given_up(self, failure: Failure) -> Unreachable:
        self.down = failure
        return Unreachable(failure)

    def _redirected(self, asked: str, location: str) -> str:
        """Return the URL that a redirect leads to. Raises BadResponse if it is not followed."""
        target = resolve(asked, location)
        if target is None or origin(target) != self.origin:
            raise BadResponse(
                f"found a redirect to {location!r}, expected to stay on {self.origin[1]}"
            )
        if urlsplit(target).path in ("", "/"):
            raise BadResponse(f"found a redirect to the home page, {target}, expected a file")
        return target


def is_html(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def expect_ok(response: requests.Response) -> None:
    if response.status_code != 200:
        raise BadResponse(f"found {_status(response)}, expected 200 OK")


def _status(response: requests.Response) -> str:
    return f"{response.status_code} {response.reason}".strip()


def _retry_after(header: str) -> float | None:
    """The seconds of a Retry-After, which is a number of them or a time; None if it is neither."""
    if re.fullmatch("[0-9]{1,9}", header.strip()):
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _expect_the_name(answered: str, asked: str) -> None:
    """A redirect may lead to another folder, not to a file of another name."""
    if file_name_of(answered) != file_name_of(asked):
        raise BadResponse(f"found a redirect to {answered}, expected {file_name_of(asked)}")
