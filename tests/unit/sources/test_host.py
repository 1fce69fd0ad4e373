"""Requests to a publisher's host: headers, pauses, robots.txt, redirects, limits, failures."""

import time
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from orchestration.settings import Limits
from orchestration.sources import host
from orchestration.sources.host import Unreachable
from orchestration.sources.sites import Site
from tests.support.publisher_server import (
    AUGUST,
    CSV,
    HTML,
    JULY,
    LISTING,
    Publisher,
    Reply,
    dataset,
    files_in,
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


@pytest.mark.parametrize("foreign", ["http://localhost:PORT", "https://127.0.0.1:PORT", "//[::1]"])
def test_a_redirect_to_another_host_is_not_followed(
    foreign: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    location = foreign.replace("PORT", str(publisher.server.server_port)) + "/moved" + JULY
    publisher.replies[JULY] = Reply(status=302, headers={"Location": location})
    publisher.replies["/moved" + JULY] = Reply(CSV)
    site = site_of(publisher, tmp_path)

    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert site.failures == [
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
    assert site.failures == []


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
    (failure,) = site.failures
    assert failure.startswith(publisher.url + JULY)
    assert "after 0.2 s" in failure or "timed out" in failure
    assert files_in(tmp_path / "incoming") == [AUGUST.split("/")[-1]]


def test_a_path_that_robots_txt_disallows_is_not_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    rules = f"\ufeffUser-agent: *\nDisallow: {JULY}\n\nUser-agent: other\nDisallow: /\n"
    publisher.replies["/robots.txt"] = Reply(rules.encode())
    site = site_of(publisher, tmp_path)

    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert len(site.failures) == 1
    assert f"{publisher.url}{JULY}: found that robots.txt disallows" in site.failures[0]
    assert JULY not in publisher.paths()


def test_a_redirect_does_not_bypass_robots_txt(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(JULY, status=302, headers={"Location": "/private" + JULY})
    publisher.replies["/private" + JULY] = Reply(CSV)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: borderledger\nDisallow: /private")
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert "robots.txt disallows" in site.failures[0]
    assert "/private" + JULY not in publisher.paths()


def test_a_disallowed_listing_is_a_failure_and_not_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /document/")
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert site.failures == [f"{publisher.url}{LISTING}: found that robots.txt disallows it"]
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
    monkeypatch.setattr(host, "_TURNS", {})
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


def test_there_is_a_pause_between_requests_even_of_two_sites(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY)
    for number in (1, 2):
        site = Site(dataset(publisher.url), Limits(), tmp_path / "memory.json", pause=50)
        take_all(site, tmp_path)
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


def test_a_certificate_is_always_checked(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    checked: list[object] = []

    class Witness(HTTPAdapter):
        def send(self, request: Any, **settings: Any) -> requests.Response:  # type: ignore[override]
            checked.append(settings["verify"])
            return super().send(request, **settings)

    publisher.list_files(JULY)
    session = requests.Session()
    session.verify = False
    session.mount("http://", Witness())
    memory = tmp_path / "memory.json"
    site = Site(dataset(publisher.url), Limits(), memory, session=session, pause=0)
    assert len(take_all(site, tmp_path)) == 1
    assert checked == [True] * 3


def test_a_server_that_is_down_is_unreachable_at_once(publisher: Publisher, tmp_path: Path) -> None:
    publisher.close()
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1: asked for .*/robots\.txt, found Conn"):
        take_all(site_of(publisher, tmp_path), tmp_path)
    assert time.monotonic() - started < 1


def test_a_failed_tls_handshake_is_unreachable(publisher: Publisher, tmp_path: Path) -> None:
    plain = dataset(publisher.url.replace("http:", "https:"))
    site = Site(plain, Limits(), tmp_path / "memory.json", pause=0)
    with pytest.raises(Unreachable, match="SSLError"):
        take_all(site, tmp_path)
    assert publisher.requests == []


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
        (LISTING, Reply(hang_up=True), "found ConnectionError"),
    ],
)
def test_without_robots_txt_or_listing_the_publisher_is_unreachable(
    path: str, reply: Reply, found: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
    publisher.replies[path] = reply
    with pytest.raises(Unreachable) as raised:
        take_all(site_of(publisher, tmp_path, page_bytes=5000), tmp_path)
    assert str(raised.value).startswith(f"127.0.0.1: asked for {publisher.url}{path}, found ")
    assert found in str(raised.value)
    assert JULY not in publisher.paths()


def test_headers_that_drip_in_exceed_the_time_limit(publisher: Publisher, tmp_path: Path) -> None:
    """A read timeout starts anew with each byte."""
    publisher.list_files(JULY, header_seconds=20.0)
    site = site_of(publisher, tmp_path, download_seconds=1.0)
    started = time.monotonic()
    assert take_all(site, tmp_path) == []
    assert time.monotonic() - started < 10
    [failure] = site.failures
    assert failure.endswith("found no whole answer after 1 s")
