"""Requests to a publisher's host: headers, pauses, robots.txt, redirects, limits, failures."""

import re
import socket
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
from requests.adapters import BaseAdapter

from orchestration.settings import Limits
from orchestration.sources import host as host_module
from orchestration.sources.failures import Unreachable
from orchestration.sources.host import Hosts
from orchestration.sources.session import new_session
from tests.support.publisher_server import (
    AUGUST,
    CSV,
    HTML,
    JULY,
    LISTING,
    Publisher,
    Reply,
    dataset,
    failures_of,
    files_in,
    host_of,
    site_at,
    site_of,
    take_all,
)


def test_every_request_resembles_a_browser_and_names_the_project(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY, headers={"Set-Cookie": "who=you"})
    publisher.replies[LISTING].headers["Set-Cookie"] = "who=you"
    take_all(site_of(publisher, tmp_path), tmp_path)
    for _, headers in publisher.requests:
        assert headers["User-Agent"].startswith("Mozilla/5.0 ")
        assert headers["User-Agent"].endswith(" borderledger/0.1")
        assert "Cookie" not in headers


@pytest.mark.parametrize("foreign", ["https://localhost:PORT", "http://127.0.0.1:PORT", "//[::1]"])
def test_a_redirect_to_another_host_is_not_followed(
    foreign: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    location = foreign.replace("PORT", str(publisher.server.server_port)) + "/moved" + JULY
    publisher.replies[JULY] = Reply(status=302, headers={"Location": location})
    publisher.replies["/moved" + JULY] = Reply(CSV)
    site = site_of(publisher, tmp_path)

    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert failures_of(site) == [
        f"{publisher.url}{JULY}: found a redirect to {location!r}, expected to stay on 127.0.0.1"
    ]
    assert publisher.paths() == ["/robots.txt", LISTING, JULY, AUGUST]


def test_a_file_that_has_moved_to_another_folder_is_taken(
    publisher: Publisher, tmp_path: Path
) -> None:
    moved = JULY.replace("2026-08", "archive")
    publisher.list_files(JULY)
    # The body of a redirect is not read: this one takes a minute.
    publisher.replies[JULY] = Reply(b"xx", 301, {"Location": "/gate"}, length=2, seconds=60)
    publisher.replies["/gate"] = Reply(status=307, headers={"Location": moved})
    publisher.replies[moved] = Reply(b"moved")
    site = site_of(publisher, tmp_path)

    (candidate,) = take_all(site, tmp_path)

    assert candidate.path.read_bytes() == b"moved"
    assert candidate.source == publisher.url + JULY
    assert failures_of(site) == []


def test_a_file_of_exactly_the_limit_is_taken(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(AUGUST, JULY, body=b"x" * 1000)
    publisher.replies[JULY].length = None
    candidates = take_all(site_of(publisher, tmp_path, release_bytes=1000), tmp_path)
    assert [candidate.path.stat().st_size for candidate in candidates] == [1000, 1000]


@pytest.mark.parametrize(("size", "seconds"), [(1000, 20.0), (2, 60.0)], ids=["drips", "stalls"])
def test_a_slow_body_exceeds_the_time_limit(
    size: int, seconds: float, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    publisher.replies[JULY] = Reply(b"x" * size, seconds=seconds)
    site = site_of(publisher, tmp_path, download_seconds=0.2)
    started = time.monotonic()

    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert time.monotonic() - started < 1
    (failure,) = failures_of(site)
    assert failure.startswith(publisher.url + JULY)
    assert "after 0.2 s" in failure or "then none for 0.2 s" in failure
    assert files_in(tmp_path / "incoming") == [AUGUST.split("/")[-1]]


def test_a_path_that_robots_txt_disallows_is_not_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    rules = f"\ufeffUser-agent: *\nDisallow: {JULY}\n\nUser-agent: other\nDisallow: /\n"
    publisher.replies["/robots.txt"] = Reply(rules.encode())
    site = site_of(publisher, tmp_path)

    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert len(failures_of(site)) == 1
    assert f"{publisher.url}{JULY}: found that robots.txt disallows" in failures_of(site)[0]
    assert JULY not in publisher.paths()


def test_a_redirect_does_not_bypass_robots_txt(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(JULY, status=302, headers={"Location": "/private" + JULY})
    publisher.replies["/private" + JULY] = Reply(CSV)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: borderledger\nDisallow: /private")
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert "robots.txt disallows" in failures_of(site)[0]
    assert "/private" + JULY not in publisher.paths()


def test_a_disallowed_listing_is_unreachable_and_not_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /document/")
    site = site_of(publisher, tmp_path)
    with pytest.raises(Unreachable) as raised:
        take_all(site, tmp_path)
    assert str(raised.value) == f"{publisher.url}{LISTING}: found that robots.txt disallows it"
    assert publisher.paths() == ["/robots.txt"]


def test_robots_txt_is_read_once_per_site(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(JULY)
    site = site_of(publisher, tmp_path)
    assert len(take_all(site, tmp_path)) == 1
    assert take_all(site, tmp_path) == []
    assert publisher.paths().count("/robots.txt") == 1


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were requested; none is slept. The turns of earlier tests are dropped: a
    publisher there may have had the same port."""
    monkeypatch.setattr(host_module, "_TURNS", {})
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


def test_there_is_a_pause_between_requests_even_of_two_sites(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    for number in (1, 2):
        host = host_of(publisher.url, pause=50)
        take_all(site_at(host, tmp_path, dataset(publisher.url)), tmp_path)
        assert len(publisher.requests) == 4 * number
    assert len(waits) == 7
    assert all(45 < seconds <= 50 for seconds in waits)


def test_a_longer_crawl_delay_is_respected(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 10")
    take_all(site_of(publisher, tmp_path), tmp_path)
    assert [round(seconds) for seconds in waits] == [10, 10]


@pytest.mark.parametrize("switched_off", [False, True])
def test_a_certificate_of_an_unknown_authority_is_refused(
    switched_off: bool, publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a session that somebody has told not to check it."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    publisher.list_files(JULY)
    session = new_session(Limits())
    session.verify = not switched_off
    of = dataset(publisher.url)
    host = Hosts(Limits(), session).of(of.landing_page)
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1:\d+: its certificate is not trusted: "):
        take_all(site_at(host, tmp_path, of), tmp_path)
    assert publisher.requests == []


def test_a_server_that_is_down_is_unreachable_at_once(publisher: Publisher, tmp_path: Path) -> None:
    publisher.close()
    started = time.monotonic()
    with pytest.raises(Unreachable) as raised:
        take_all(site_of(publisher, tmp_path), tmp_path)
    name = publisher.url.removeprefix("https://")
    assert str(raised.value) == f"{name}: no connection: connection refused"
    assert time.monotonic() - started < 1


def test_datasets_of_one_host_learn_only_once_that_it_is_down(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.close()
    tried: list[object] = []

    def counted(session: requests.Session, url: str) -> BaseAdapter:
        tried.append(url)
        return get_adapter(session, url)

    get_adapter = requests.Session.get_adapter
    monkeypatch.setattr(requests.Session, "get_adapter", counted)
    hosts = Hosts(Limits())
    for page in (LISTING, "/document/stats/southwest-land-border-encounters"):
        of = dataset(publisher.url, landing_page=publisher.url + page)
        with pytest.raises(Unreachable, match="connection refused"):
            take_all(site_at(hosts.of(of.landing_page), tmp_path, of), tmp_path)
    assert len(tried) == 1


def test_a_name_that_nobody_knows_is_named_in_a_few_words(tmp_path: Path) -> None:
    url = "https://publisher.invalid"
    with pytest.raises(Unreachable) as raised:
        take_all(site_at(host_of(url), tmp_path, dataset(url)), tmp_path)
    assert str(raised.value) == ("publisher.invalid: no connection: its name cannot be resolved")


@pytest.mark.parametrize(("connects", "found"), [(False, "no connection"), (True, "no answer")])
def test_a_host_that_says_nothing_is_given_up_with_the_time_it_took(
    connects: bool, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full queue of connections takes no more of them; one with room takes one, and nobody
    answers it."""
    monkeypatch.setattr(host_module, "CONNECT_SECONDS", 1.0)
    with ExitStack() as opened:
        silent = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = silent.getsockname()
        for _ in range(0 if connects else 2):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        url = f"https://127.0.0.1:{address[1]}"
        with pytest.raises(Unreachable) as raised:
            take_all(site_at(host_of(url), tmp_path, dataset(url)), tmp_path)
    assert re.search(rf": {found} within \d s$", str(raised.value))
    assert len(str(raised.value)) < 80


def test_a_server_without_tls_is_unreachable(tmp_path: Path) -> None:
    class Plain(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Plain) as server:
        threading.Thread(target=server.handle_request).start()
        url = f"https://127.0.0.1:{server.server_port}"
        with pytest.raises(Unreachable, match="no TLS connection"):
            take_all(site_at(host_of(url), tmp_path, dataset(url)), tmp_path)


def test_a_busy_host_is_asked_once_more_after_the_time_that_it_names(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    publisher.replies[JULY] = Reply(CSV, before=[Reply(status=429, headers={"Retry-After": "7"})])
    publisher.replies[AUGUST] = Reply(
        CSV, before=[Reply(status=503, headers={"Retry-After": soon})]
    )
    site = site_of(publisher, tmp_path)
    assert [c.source for c in take_all(site, tmp_path)] == [
        publisher.url + JULY,
        publisher.url + AUGUST,
    ]
    assert failures_of(site) == []
    assert publisher.paths() == ["/robots.txt", LISTING, JULY, JULY, AUGUST, AUGUST]
    assert waits[0] == 7
    assert 90 < waits[1] <= 100


@pytest.mark.parametrize("header", ["", "soon", "-5", "\u0667"])
def test_a_busy_host_that_names_no_time_is_asked_again_after_ours(
    header: str,
    waits: list[float],
    publisher: Publisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host_module, "RETRY_SECONDS", 5.0)
    publisher.list_files(JULY)
    sent = header.encode().decode("latin-1")
    publisher.replies[JULY] = Reply(CSV, before=[Reply(status=429, headers={"Retry-After": sent})])
    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 1
    assert waits == [5.0]


@pytest.mark.parametrize("asked", ["121", "86400", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_host_that_asks_for_a_longer_wait_is_left_alone(
    asked: str, waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    publisher.replies[JULY] = Reply(status=429, headers={"Retry-After": asked})
    with pytest.raises(Unreachable, match=r"found 429 .* to be asked again in .* at most 120 s"):
        take_all(site_of(publisher, tmp_path), tmp_path)
    assert publisher.paths() == ["/robots.txt", LISTING, JULY]
    assert waits == []


def test_all_waits_for_a_host_together_are_limited(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    files = [JULY.replace("-jul-", f"-{month}-") for month in ("apr", "may", "jun")]
    publisher.list_files(*files)
    for path in files:
        busy = Reply(status=429, headers={"Retry-After": "50"})
        publisher.replies[path] = Reply(CSV, before=[busy])
    with pytest.raises(Unreachable, match="in 50 s, expected at most 20 s"):
        take_all(site_of(publisher, tmp_path), tmp_path)
    assert waits == [50, 50]


def test_a_host_that_stays_busy_is_given_up_after_three_files(
    publisher: Publisher, tmp_path: Path
) -> None:
    files = [JULY.replace("-jul-", f"-{month}-") for month in ("mar", "apr", "may", "jun")]
    publisher.list_files(*files, status=503)
    site = site_of(publisher, tmp_path)
    with pytest.raises(Unreachable) as raised:
        take_all(site, tmp_path)
    assert str(raised.value).endswith(
        ": found 503 Service Unavailable twice, expected 200 OK (3 requests in a row)"
    )
    assert len(failures_of(site)) == 2
    assert len(publisher.requests) == len(["robots", "listing"]) + 3 * 2


def test_a_host_whose_files_drip_in_is_given_up_after_three(
    publisher: Publisher, tmp_path: Path
) -> None:
    """Else a night would take two minutes for each file."""
    files = [JULY.replace("-jul-", f"-{month}-") for month in ("mar", "apr", "may", "jun")]
    publisher.list_files(*files, body=b"x" * 1000, seconds=60.0)
    with pytest.raises(Unreachable, match=r"after 0\.5 s.*\(3 requests in a row\)"):
        take_all(site_of(publisher, tmp_path, download_seconds=0.5), tmp_path)
    assert len(publisher.requests) == len(["robots", "listing"]) + 3


def test_an_endless_body_is_cut_off_at_the_limit(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(AUGUST, JULY)
    publisher.replies[JULY] = Reply(b"x" * 1000, length=None, endless=True)
    site = site_of(publisher, tmp_path, release_bytes=100_000)
    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    [failure] = failures_of(site)
    assert failure.endswith("found more than 100,000 bytes, expected at most that")
    assert files_in(tmp_path / "incoming") == [AUGUST.split("/")[-1]]


@pytest.mark.parametrize(
    ("path", "reply", "found"),
    [
        ("/robots.txt", Reply(status=500), "found 500"),
        ("/robots.txt", Reply(HTML), "found an HTML page, expected robots.txt"),
        ("/robots.txt", Reply(status=302, headers={"Location": "/"}), "redirect to the home page"),
        (
            "/robots.txt",
            Reply(b"User-agent: *\nCrawl-delay: 86400"),
            "found a Crawl-delay of 86400",
        ),
        (LISTING, Reply(b"<html>Access denied", status=403), "found 403 Forbidden"),
        (LISTING, Reply(status=302, headers={"Location": "/"}), "redirect to the home page"),
        (LISTING, Reply(b" " * 5001), "found 5,001 bytes, expected at most 5,000"),
        (LISTING, Reply(b" " * 5001, length=None), "more than 5,000 bytes"),
        (LISTING, Reply(b" ", length=100), "breaks off"),
        (LISTING, Reply(hang_up=True), "the connection was closed before an answer"),
    ],
)
def test_without_robots_txt_or_listing_the_publisher_is_unreachable(
    path: str, reply: Reply, found: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
    publisher.replies[path] = reply
    with pytest.raises(Unreachable) as raised:
        take_all(site_of(publisher, tmp_path, page_bytes=5000), tmp_path)
    assert str(raised.value).startswith(f"{publisher.url}{path}: ")
    assert found in str(raised.value)
    assert JULY not in publisher.paths()


def test_headers_that_drip_in_exceed_the_time_limit(publisher: Publisher, tmp_path: Path) -> None:
    """A read timeout starts anew with each byte."""
    publisher.list_files(JULY, header_seconds=20.0)
    site = site_of(publisher, tmp_path, download_seconds=1.0)
    started = time.monotonic()
    assert take_all(site, tmp_path) == []
    assert time.monotonic() - started < 10
    [failure] = failures_of(site)
    assert failure.endswith("found no whole answer after 1 s")
