"""Requests to a publisher's host: which are allowed, how often, how large and how slow.

What belongs here: the URLs that may be requested, one request at a time with a pause,
robots.txt, redirects, and limits on size and time. `listing` parses pages; `sites` decides
which files to download.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.exceptions import HTTPError

from orchestration.settings import Limits

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
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Unreachable(Exception):
    """The publisher did not respond, or not with a usable robots.txt or listing."""


class BadResponse(Exception):
    """The response to one URL is unusable; the message says what was found and expected."""


@dataclass
class _Turn:
    """A lock for the requests to one host, and when the last one ended."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ended_at: float = float("-inf")


# Three datasets share one host: all Sites of a process take turns.
_TURNS: dict[tuple[str, str, int], _Turn] = {}


def new_session(limits: Limits) -> requests.Session:
    """A session whose requests are answered within the limits on time, headers included."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _WithinTime(limits.download_seconds))
    return session


class _WithinTime(HTTPAdapter):
    """Sends requests whose headers must arrive within so many seconds. A timeout of `requests`
    is per packet, so that a header that drips in byte by byte would never be timed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._limit_time(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        self._limit_time(manager)
        return manager

    def _limit_time(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = {
            scheme: type(pool.__name__, (pool,), {"ConnectionCls": self._limited(pool)})
            for scheme, pool in (("http", HTTPConnectionPool), ("https", HTTPSConnectionPool))
        }

    def _limited(self, pool: type[HTTPConnectionPool]) -> type:
        seconds, connection = self._seconds, pool.ConnectionCls

        def getresponse(self: Any) -> Any:
            late = threading.Event()

            def give_up() -> None:
                late.set()
                if self.sock is not None:
                    with suppress(OSError):  # it has just ended
                        self.sock.shutdown(socket.SHUT_RDWR)

            timer = threading.Timer(seconds, give_up)
            timer.daemon = True
            timer.start()
            try:
                response = connection.getresponse(self)
            finally:
                timer.cancel()
            if late.is_set():  # the headers that had arrived look like all of them
                raise TimeoutError(f"no whole headers after {seconds:g} s")
            return response

        return type(connection.__name__, (connection,), {"getresponse": getresponse})


class Host:
    """One publisher's host: one request at a time, with a pause in between, within robots.txt.
    No other host is ever requested."""

    def __init__(
        self, landing_page: str, limits: Limits, session: requests.Session, pause: float
    ) -> None:
        home = origin(landing_page)
        if home is None:
            raise ValueError(f"found the landing page {landing_page!r}, expected an https URL")
        self._origin = home
        self._turn = _TURNS.setdefault(home, _Turn())
        self._robots_url = urljoin(landing_page, "/robots.txt")
        self._limits = limits
        self._session = session
        self._pause = pause
        self._rules: RobotFileParser | None = None
        self._asked_at = 0.0

    def learn_rules(self) -> None:
        """Read robots.txt, once per Host. Raises Unreachable."""
        if self._rules is not None:
            return
        content = self.page(self._robots_url, missing_ok=True)
        if is_html(content):
            raise self._unreachable(self._robots_url, "an HTML page, expected robots.txt")
        rules = RobotFileParser(self._robots_url)
        rules.parse(content.decode("utf-8-sig", errors="replace").splitlines())
        delay = float(rules.crawl_delay(ROBOT) or 0)
        if delay > self._limits.download_seconds:
            # Waiting that long would hang the nightly run, and a shorter wait would be rude.
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
        """Return a whole page; with missing_ok, b"" for a 404. Raises Unreachable."""
        try:
            with self.answer(url, {}) as response:
                if missing_ok and response.status_code == 404:
                    return b""
                expect_ok(response)
                return b"".join(self.body(response, self._limits.page_bytes))
        except BadResponse as refusal:
            raise self._unreachable(url, str(refusal).removeprefix("found ")) from refusal

    @contextmanager
    def answer(self, url: str, headers: Mapping[str, str]) -> Iterator[requests.Response]:
        """Yield the response at the end of the redirects, its body not read yet. Raises
        BadResponse, or Unreachable if the host does not respond."""
        with self._turn.lock:
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
        `limit` bytes, slower than download_seconds, or incomplete."""
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
                    raise BadResponse(
                        f"found {size:,} bytes after {seconds:g} s, expected all of it by then"
                    )
                yield chunk
        except HTTPError as error:
            raise BadResponse(
                f"found a body that breaks off after {size:,} bytes, expected "
                f"{announced or 'its end'}: {error}"
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
            found = f"{type(error).__name__}: {error}"
            if time.monotonic() - started > seconds:
                found = f"no whole answer after {seconds:g} s"
            raise self._unreachable(url, found) from error

    def _redirected(self, asked: str, location: str) -> str:
        """Return the URL that a redirect leads to. Raises BadResponse if it is not followed."""
        target = resolve(asked, location)
        if target is None or origin(target) != self._origin:
            raise BadResponse(
                f"found a redirect to {location!r}, expected to stay on {self._origin[1]}"
            )
        if urlsplit(target).path in ("", "/"):
            raise BadResponse(f"found a redirect to the home page, {target}, expected a file")
        return target

    def _unreachable(self, url: str, found: str) -> Unreachable:
        return Unreachable(f"{self._origin[1]}: asked for {url}, found {found}")


def resolve(page_url: str, link: str) -> str | None:
    """Return a link as an absolute URL with lower-case host and no fragment; None if invalid."""
    try:
        parts = urlsplit(urljoin(page_url, link.strip()))
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, parts.query, ""))


def origin(url: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a URL; None unless it is https, or http on this machine."""
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


def file_name_of(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])


def is_html(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def expect_ok(response: requests.Response) -> None:
    if response.status_code != 200:
        raise BadResponse(f"found {response.status_code} {response.reason}, expected 200 OK")


def _expect_the_name(answered: str, asked: str) -> None:
    """A redirect may lead to another folder, not to a file of another name."""
    if file_name_of(answered) != file_name_of(asked):
        raise BadResponse(f"found a redirect to {answered}, expected {file_name_of(asked)}")
