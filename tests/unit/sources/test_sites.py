"""A publisher's site, played by a local server that shows the shape of CBP's pages.

What belongs here: which files a listing candidates, the manners in which its host is asked,
and every way in which it may refuse, lie or fall silent.
"""

import gzip
import hashlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits
from orchestration.sources import host
from orchestration.sources.candidate import Candidate
from orchestration.sources.host import Unreachable
from orchestration.sources.listing import ListedFile, listed_files
from orchestration.sources.sites import Site

AREA = "cbp_nationwide_encounters_by_area"
CBP = "https://www.cbp.gov"
LISTING = "/document/stats/nationwide-encounters"
CLOSED = "/sites/default/files/assets/documents/2023-Nov/nationwide-encounters-fy20-fy23-aor.csv"
JULY = "/sites/default/files/2026-08/nationwide-encounters-fy23-fy26-jul-aor.csv"
AUGUST = "/sites/default/files/2026-09/nationwide-encounters-fy23-fy26-aug-aor_0.csv"
DICTIONARY = "/sites/default/files/2025-01/nationwide-encounters-data-dictionary.pdf"
CSV = b"Fiscal Year,Month (abbv),Encounter Count\r\n2026 (FYTD),AUG,1\r\n"


def listing(links: list[str], dated: dict[str, str] | None = None) -> str:
    """A page: menus around, the list of links, the table of attachments (month first)."""
    items = "".join(f'<li><a href="{link}">Nationwide Encounters</a></li>' for link in links)
    rows = "".join(
        f'<tr><td><a href="{link}"><span>attached</span></a></td><td>CSV</td>'
        f'<td data-sort-value="6730588">6.42 MB</td><td data-sort-value="{day}">{day}</td></tr>'
        for link, day in (dated or {}).items()
    )
    menu = '<nav><ul><li><a href="/">Home</a><li><a href="/newsroom/stats">Statistics</a></ul>'
    return (
        f"<!DOCTYPE html><html><head><title>Nationwide Encounters</title></head><body>{menu}"
        f"</nav><main><ul>{items}</ul><table><thead><tr><th>Attachment<th>Ext.<th>Size<th>Date"
        f"</tr></thead><tbody>{rows}</tbody></table></main><footer>{menu}</nav></footer>"
    )


@dataclass
class Reply:
    """What the server answers to a path.

    length: the Content-Length it announces: the body's, another, or none.
    seconds: how long it takes to drip the body, byte by byte.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = -1
    seconds: float = 0.0
    hang_up: bool = False


class Publisher:
    """A server on this machine.

    asked: the path and the headers of each request.
    connections: the client's port of each request.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {"/": Reply(b"<html>Home</html>")}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections: list[int] = []
        self.closing = threading.Event()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                publisher.asked.append((self.path, dict(self.headers)))
                publisher.connections.append(self.client_address[1])
                publisher.answer(self, publisher.replies.get(self.path, Reply(status=404)))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that turns away in the middle is what some tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.close_connection = reply.hang_up or reply.length != -1
        if reply.hang_up:
            return
        etag = reply.headers.get("ETag")
        unchanged = etag is not None and handler.headers.get("If-None-Match") == etag
        body = b"" if unchanged else reply.body
        handler.send_response(304 if unchanged else reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.length is not None:
            length = len(body) if reply.length == -1 else reply.length
            handler.send_header("Content-Length", str(length))
        handler.end_headers()
        try:
            for at in range(len(body)) if reply.seconds else ():
                handler.wfile.write(body[at : at + 1])
                self.closing.wait(reply.seconds / len(body))
            if not reply.seconds:
                handler.wfile.write(body)
        except OSError:
            handler.close_connection = True

    def close(self) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def post(self, *paths: str, **reply: Any) -> None:
        """List these files, newest first, and answer each."""
        self.replies[LISTING] = Reply(listing(list(paths)).encode())
        for path in paths:
            self.replies[path] = Reply(**{"body": CSV + path.encode(), **reply})

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def headers_for(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    server = Publisher()
    yield server
    server.close()


def dataset(url: str = CBP, **changes: Any) -> Dataset:
    return load_catalogue()[AREA].model_copy(update={"landing_page": url + LISTING, **changes})


def site_of(publisher: Publisher, tmp_path: Path, **limits: Any) -> Site:
    return Site(dataset(publisher.url), Limits(**limits), tmp_path / "memory.json", pause=0)


def take_all(site: Site, tmp_path: Path) -> list[Candidate]:
    """One walk in which every candidate is dealt with."""
    candidates = []
    for candidate in site.new_candidates(tmp_path / "incoming"):
        site.remember(candidate)
        candidates.append(candidate)
    return candidates


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# What a listing candidates


def test_date_comes_from_the_table_else_from_the_folder_in_both_spellings() -> None:
    page = listing([AUGUST, JULY, DICTIONARY, CLOSED], {AUGUST: "09/04/2026"})
    assert listed_files(page, CBP + LISTING, dataset()) == [
        ListedFile(
            CBP + CLOSED, CLOSED.split("/")[-1], PublicationDate(date(2023, 11, 30), "month")
        ),
        ListedFile(CBP + JULY, JULY.split("/")[-1], PublicationDate(date(2026, 8, 31), "month")),
        ListedFile(CBP + AUGUST, AUGUST.split("/")[-1], PublicationDate(date(2026, 9, 4), "day")),
    ]


def test_only_files_of_the_dataset_count() -> None:
    others = [
        DICTIONARY,
        JULY.replace("aor", "state"),
        JULY + ".zip",
        "mailto:x",
        "#top",
        "http://[",
    ]
    page = listing([*others, JULY])
    assert [p.url for p in listed_files(page, CBP + LISTING, dataset())] == [CBP + JULY]


def test_one_posting_a_url_however_it_is_linked() -> None:
    page = listing([JULY, CBP.upper().replace("HTTPS", "https") + JULY, f" {JULY}#data"])
    assert [p.url for p in listed_files(page, CBP + LISTING, dataset())] == [CBP + JULY]


def test_names_match_without_regard_to_case_and_after_percent_decoding() -> None:
    shouted = JULY.replace("-jul-aor.csv", "-JUL%2Daor.CSV")
    found = listed_files(listing([shouted]), CBP + LISTING, dataset())
    assert [p.file_name for p in found] == ["nationwide-encounters-fy23-fy26-JUL-aor.CSV"]
    assert found[0].url == CBP + shouted


@pytest.mark.parametrize(
    "origin",
    [
        "https://files.example.org",
        "//files.example.org",
        "http://www.cbp.gov",
        "https://www.cbp.gov:8443",
        "https://www.cbp.gov@files.example.org",
        "https://someone:secret@www.cbp.gov",
        "https://www.cbp.gov.example.org",
        "ftp://www.cbp.gov",
    ],
)
def test_links_to_another_host_or_scheme_are_refused(
    origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    found = listed_files(listing([origin + AUGUST, JULY]), CBP + LISTING, dataset())
    assert [p.url for p in found] == [CBP + JULY]
    assert "refused, expected a link to https://www.cbp.gov" in caplog.text


def test_a_link_without_any_date_is_skipped_and_told(caplog: pytest.LogCaptureFixture) -> None:
    undated = "/files/2026-13/nationwide-encounters-fy23-fy26-jun-aor.csv"
    with caplog.at_level(logging.WARNING):
        found = listed_files(listing([undated, JULY]), CBP + LISTING, dataset())
    assert [p.url for p in found] == [CBP + JULY]
    assert f"{CBP}{undated}: skipped, found no publication date" in caplog.text


def test_an_impossible_date_in_the_table_falls_back_to_the_folder() -> None:
    found = listed_files(listing([], {JULY: "31/08/2026"}), CBP + LISTING, dataset())
    assert [str(p.published_on) for p in found] == ["2026-08"]


def test_the_date_of_a_row_does_not_reach_its_neighbours() -> None:
    page = (
        f'<table><tr><td><a href="{JULY}"></a><tr><td><a href="{AUGUST}"></a>'
        f'<td data-sort-value="09/04/2026"></table><a href="{CLOSED}"></a>'
    )
    found = listed_files(page, CBP + LISTING, dataset())
    assert [str(p.published_on) for p in found] == ["2023-11", "2026-08", "2026-09-04"]


def test_of_two_dates_in_a_row_the_later_one_counts() -> None:
    day = '<td data-sort-value="08/{}/2026">'
    page = f'<table><tr><td><a href="{JULY}"></a>{day.format(20)}{day.format(14)}</table>'
    found = listed_files(page, CBP + LISTING, dataset())
    assert [str(p.published_on) for p in found] == ["2026-08-20"]


def test_files_of_one_day_come_in_the_reverse_of_the_listing() -> None:
    again = JULY.replace("aor", "aor_0")
    found = listed_files(listing([again, JULY]), CBP + LISTING, dataset())
    assert [p.url for p in found] == [CBP + JULY, CBP + again]


def test_of_two_rows_the_later_date_counts() -> None:
    rows = listing([], {JULY: "08/20/2026"}) + listing([], {JULY: "08/14/2026"})
    found = listed_files(rows, CBP + LISTING, dataset())
    assert [str(p.published_on) for p in found] == ["2026-08-20"]


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc.csv", ".hidden.csv", "a%00.csv", "..%5Cetc.csv", "c:a.csv", "a%0A.csv"]
)
def test_unsafe_file_names_are_refused(name: str, caplog: pytest.LogCaptureFixture) -> None:
    anything = dataset(file_pattern=r"[\s\S]*\.csv")
    found = listed_files(listing([f"/files/2026-09/{name}", JULY]), CBP + LISTING, anything)
    assert [p.url for p in found] == [CBP + JULY]
    assert "unsafe file name" in caplog.text


def test_broken_markup_does_not_hide_the_links_behind_it() -> None:
    page = f"<![foo bar]]></td></tr><![endif]--><![if !IE]><a href>{listing([JULY])}<![ "
    assert [p.url for p in listed_files(page, CBP + LISTING, dataset())] == [CBP + JULY]


# What is downloaded, and what is asked again


def test_the_first_walk_offers_every_posting_oldest_first(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY, CLOSED)
    foreign = "https://files.example.org/2026-09/nationwide-encounters-fy23-fy26-sep-aor.csv"
    page = listing([AUGUST, foreign, JULY, DICTIONARY, CLOSED], {AUGUST: "09/04/2026"})
    publisher.replies[LISTING] = Reply(page.encode())
    site = site_of(publisher, tmp_path)

    candidates = take_all(site, tmp_path)

    assert [(o.source, str(o.published_on)) for o in candidates] == [
        (publisher.url + CLOSED, "2023-11"),
        (publisher.url + JULY, "2026-08"),
        (publisher.url + AUGUST, "2026-09-04"),
    ]
    for candidate, path in zip(candidates, (CLOSED, JULY, AUGUST), strict=True):
        assert candidate.path == tmp_path / "incoming" / candidate.file_name
        assert candidate.path.read_bytes() == CSV + path.encode()
        assert (candidate.dataset, candidate.file_name) == (AREA, path.split("/")[-1])
    assert site.failures == []
    assert publisher.paths() == ["/robots.txt", LISTING, CLOSED, JULY, AUGUST]


def test_every_request_looks_like_a_browser_and_names_the_project(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY, headers={"Set-Cookie": "who=you"})
    publisher.replies[LISTING].headers["Set-Cookie"] = "who=you"
    take_all(site_of(publisher, tmp_path), tmp_path)
    for _, headers in publisher.asked:
        assert headers["User-Agent"].startswith("Mozilla/5.0 ")
        assert headers["User-Agent"].endswith(" borderledger/0.1")
        assert "Cookie" not in headers


def test_the_second_walk_asks_conditionally_and_offers_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    seen = {"ETag": '"one"', "Last-Modified": "Fri, 04 Sep 2026 12:00:00 GMT"}
    publisher.post(AUGUST, CLOSED, headers=seen)
    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 2

    later = site_of(publisher, tmp_path)
    assert take_all(later, tmp_path) == []
    assert later.failures == []
    assert len(set(publisher.connections[-3:])) == 1, "a 304 leaves the connection open"
    for path in (AUGUST, CLOSED):
        first, second = publisher.headers_for(path)
        assert "If-None-Match" not in first
        assert second["If-None-Match"] == '"one"'
        assert second["If-Modified-Since"] == "Fri, 04 Sep 2026 12:00:00 GMT"


def test_the_same_url_with_new_bytes_is_offered_again(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(CLOSED, headers={"ETag": '"one"'})
    take_all(site_of(publisher, tmp_path), tmp_path)
    publisher.replies[CLOSED] = Reply(b"revised", headers={"ETag": '"two"'})

    candidates = take_all(site_of(publisher, tmp_path), tmp_path)

    assert [candidate.path.read_bytes() for candidate in candidates] == [b"revised"]
    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    asked = [headers.get("If-None-Match") for headers in publisher.headers_for(CLOSED)]
    assert asked == [None, '"one"', '"two"']


def test_the_same_bytes_under_a_new_etag_are_not_offered_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY, headers={"ETag": '"one"'})
    candidates = take_all(site_of(publisher, tmp_path), tmp_path)
    candidates[0].path.unlink()
    publisher.replies[JULY].headers["ETag"] = '"two"'

    for _ in range(2):
        site = site_of(publisher, tmp_path)
        assert take_all(site, tmp_path) == []
        assert site.failures == []

    asked = [headers.get("If-None-Match") for headers in publisher.headers_for(JULY)]
    assert asked == [None, '"one"', '"two"'], "the new ETag spares the next download"
    assert files_in(tmp_path / "incoming") == []


def test_without_etag_the_bytes_decide(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(JULY)
    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 1
    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    assert "If-None-Match" not in publisher.headers_for(JULY)[1]


def test_nothing_is_remembered_before_the_caller_says_so(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY, headers={"ETag": '"one"'})
    site = site_of(publisher, tmp_path)
    crashed, dealt_with = site.new_candidates(tmp_path / "incoming")
    assert not (tmp_path / "memory.json").exists()
    site.remember(dealt_with)

    candidates = take_all(site_of(publisher, tmp_path), tmp_path)

    assert [candidate.source for candidate in candidates] == [crashed.source]
    assert "If-None-Match" not in publisher.headers_for(JULY)[1]


def test_only_an_own_offer_can_be_remembered(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(JULY)
    (candidate,) = take_all(site_of(publisher, tmp_path), tmp_path)
    with pytest.raises(ValueError, match="expected one of this Site's"):
        site_of(publisher, tmp_path).remember(candidate)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"URL": 3}',
        b'{"URL": {"sha256": "ab", "etag": "x"}}',
        b'{"URL": {"etag": "x"}}',
    ],
)
def test_a_broken_memory_is_as_good_as_none(
    broken: bytes, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY, headers={"ETag": '"one"'})
    memory = tmp_path / "memory.json"
    memory.write_bytes(broken.replace(b"URL", (publisher.url + JULY).encode()))

    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 1
    assert "If-None-Match" not in publisher.headers_for(JULY)[0]
    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    assert publisher.headers_for(JULY)[1]["If-None-Match"] == '"one"'


def test_a_remembered_header_that_could_forge_a_request_is_not_sent(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY)
    record = {"sha256": "0" * 64, "etag": "x\r\nX-Forged: 1", "last_modified": "日"}
    (tmp_path / "memory.json").write_text(json.dumps({publisher.url + JULY: record}))
    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 1
    assert not {"If-None-Match", "If-Modified-Since", "X-Forged"} & set(
        publisher.headers_for(JULY)[0]
    )


def test_sites_that_share_a_memory_keep_each_others_records(
    publisher: Publisher, tmp_path: Path
) -> None:
    state = JULY.replace("aor", "state")
    publisher.post(JULY, state, headers={"ETag": '"one"'})
    by_state = load_catalogue()["cbp_nationwide_encounters_by_state"]
    by_state = by_state.model_copy(update={"landing_page": publisher.url + LISTING})
    area = site_of(publisher, tmp_path)
    other = Site(by_state, Limits(), tmp_path / "memory.json", pause=0)

    (from_area,) = area.new_candidates(tmp_path / "incoming")
    (from_state,) = other.new_candidates(tmp_path / "incoming")
    area.remember(from_area)
    other.remember(from_state)

    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    assert set(json.loads((tmp_path / "memory.json").read_text())) == {
        publisher.url + JULY,
        publisher.url + state,
    }
    assert files_in(tmp_path) == [
        f"incoming/{JULY.split('/')[-1]}",
        f"incoming/{state.split('/')[-1]}",
        "memory.json",
    ]


def test_the_same_name_in_two_folders_does_not_overwrite_an_offer(
    publisher: Publisher, tmp_path: Path
) -> None:
    again = JULY.replace("2026-08", "2026-09")
    publisher.post(again, JULY)
    candidates = list(site_of(publisher, tmp_path).new_candidates(tmp_path / "incoming"))
    assert [candidate.path.read_bytes() for candidate in candidates] == [
        CSV + JULY.encode(),
        CSV + again.encode(),
    ]
    assert {candidate.path.name for candidate in candidates} == {JULY.split("/")[-1]}


def test_a_link_that_waits_in_the_folder_is_not_written_through(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY)
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    name = JULY.split("/")[-1]
    (incoming / name).symlink_to(outside)
    (incoming / f"{name}.part").symlink_to(outside)

    (candidate,) = take_all(site_of(publisher, tmp_path), tmp_path)

    assert outside.read_text() == "untouched"
    assert not candidate.path.is_symlink()
    assert candidate.path.read_bytes() == CSV + JULY.encode()


def test_a_file_is_asked_for_uncompressed(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(JULY)
    take_all(site_of(publisher, tmp_path), tmp_path)
    assert publisher.headers_for(JULY)[0]["Accept-Encoding"] == "identity"


def test_a_compressed_answer_is_stored_as_the_file_itself(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY, body=gzip.compress(CSV * 5000), headers={"Content-Encoding": "gzip"})
    (candidate,) = take_all(site_of(publisher, tmp_path), tmp_path)
    assert candidate.path.read_bytes() == CSV * 5000
    record = json.loads((tmp_path / "memory.json").read_text())[publisher.url + JULY]
    assert record["sha256"] == hashlib.sha256(CSV * 5000).hexdigest()


# What fails alone: the others still come

HTML = b"\xef\xbb\xbf \n<!DOCTYPE html><html>Access denied</html>"
CHUNKED = {"Transfer-Encoding": "chunked"}
BOMB = gzip.compress(b"0" * 1_000_000)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(HTML, headers={"Content-Type": "text/html; charset=UTF-8"}), "an HTML page (text/h"),
        (Reply(HTML, headers={"Content-Type": "text/csv"}), "found an HTML page, expected a file"),
        (Reply(b"gone", status=404), "found 404 Not Found, expected 200"),
        (Reply(b"sorry", status=503), "found 503"),
        (Reply(status=304), "found 304"),
        (Reply(CSV, status=206), "found 206"),
        (Reply(b""), "found an empty body"),
        (Reply(hang_up=True), "RemoteDisconnected"),
        (Reply(b"x" * 1001), "found 1,001 bytes, expected at most 1,000"),
        (Reply(b"x", length=10**17), "expected at most 1,000"),
        (Reply(b"x" * 1001, length=None), "found more than 1,000 bytes"),
        (Reply(BOMB, headers={"Content-Encoding": "gzip"}, length=None), "more than 1,000 bytes"),
        (Reply(b"x" * 10, length=900), "breaks off after 10 bytes, expected 900"),
        (Reply(b"5\r\nabcde\r\n", headers=CHUNKED, length=None), "breaks off after 5 bytes"),
        (Reply(b"not gzip", headers={"Content-Encoding": "gzip"}), "breaks off after 0 bytes"),
        (Reply(status=302, headers={"Location": "/"}), "found a redirect to the home page"),
        (Reply(status=301, headers={"Location": "/sites/.."}), "a redirect to the home page"),
        (Reply(status=302, headers={"Location": "/newsroom/stats"}), "/newsroom/stats, expected"),
        (Reply(status=302, headers={"Location": AUGUST}), "found a redirect to"),
        (Reply(status=302, headers={"Location": JULY}), "found more than 3 redirects"),
        (Reply(status=302, headers={"Location": "http://["}), "expected to stay on 127.0.0.1"),
        (Reply(status=302), "found 302"),
    ],
)
def test_one_bad_posting_is_named_and_does_not_stop_the_others(
    reply: Reply, reason: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY, CLOSED)
    publisher.replies[JULY] = reply
    site = site_of(publisher, tmp_path, release_bytes=1000)

    candidates = take_all(site, tmp_path)

    assert [candidate.source for candidate in candidates] == [
        publisher.url + CLOSED,
        publisher.url + AUGUST,
    ]
    (failure,) = site.failures
    assert publisher.url + JULY in failure
    assert reason in failure
    assert files_in(tmp_path / "incoming") == sorted(p.split("/")[-1] for p in (CLOSED, AUGUST))


def test_a_file_of_exactly_the_limit_is_taken(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(AUGUST, JULY, body=b"x" * 1000)
    publisher.replies[JULY].length = None
    candidates = take_all(site_of(publisher, tmp_path, release_bytes=1000), tmp_path)
    assert [candidate.path.stat().st_size for candidate in candidates] == [1000, 1000]


@pytest.mark.parametrize("foreign", ["http://localhost:PORT", "https://127.0.0.1:PORT", "//[::1]"])
def test_a_redirect_to_another_host_is_not_followed(
    foreign: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY)
    location = foreign.replace("PORT", str(publisher.server.server_port)) + "/moved" + JULY
    publisher.replies[JULY] = Reply(status=302, headers={"Location": location})
    publisher.replies["/moved" + JULY] = Reply(CSV)
    site = site_of(publisher, tmp_path)

    assert [o.source for o in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert site.failures == [
        f"{publisher.url}{JULY}: found a redirect to {location!r}, expected to stay on 127.0.0.1"
    ]
    assert publisher.paths() == ["/robots.txt", LISTING, JULY, AUGUST]


def test_a_file_that_has_moved_to_another_folder_is_taken(
    publisher: Publisher, tmp_path: Path
) -> None:
    moved = JULY.replace("2026-08", "archive")
    publisher.post(JULY)
    # The body of a redirect is not read: this one takes a minute.
    publisher.replies[JULY] = Reply(b"xx", 301, {"Location": "/gate"}, length=2, seconds=60)
    publisher.replies["/gate"] = Reply(status=307, headers={"Location": moved})
    publisher.replies[moved] = Reply(b"moved")
    site = site_of(publisher, tmp_path)

    (candidate,) = take_all(site, tmp_path)

    assert candidate.path.read_bytes() == b"moved"
    assert candidate.source == publisher.url + JULY
    assert site.failures == []


@pytest.mark.parametrize(("size", "seconds"), [(1000, 20.0), (2, 60.0)], ids=["drips", "stalls"])
def test_a_slow_body_meets_the_time_limit(
    size: int, seconds: float, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY)
    publisher.replies[JULY] = Reply(b"x" * size, seconds=seconds)
    site = site_of(publisher, tmp_path, download_seconds=0.2)
    started = time.monotonic()

    assert [o.source for o in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert time.monotonic() - started < 1
    (failure,) = site.failures
    assert failure.startswith(publisher.url + JULY)
    assert "after 0.2 s" in failure or "timed out" in failure
    assert files_in(tmp_path / "incoming") == [AUGUST.split("/")[-1]]


def test_failures_are_those_of_the_last_walk(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(JULY, status=500)
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert len(site.failures) == 1
    publisher.post(JULY)
    assert len(take_all(site, tmp_path)) == 1
    assert site.failures == []


# Manners


def test_a_path_that_robots_txt_disallows_is_not_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY)
    rules = f"\ufeffUser-agent: *\nDisallow: {JULY}\n\nUser-agent: other\nDisallow: /\n"
    publisher.replies["/robots.txt"] = Reply(rules.encode())
    site = site_of(publisher, tmp_path)

    assert [o.source for o in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert len(site.failures) == 1
    assert f"{publisher.url}{JULY}: found that robots.txt disallows" in site.failures[0]
    assert JULY not in publisher.paths()


def test_a_redirect_does_not_lead_around_robots_txt(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(JULY, status=302, headers={"Location": "/private" + JULY})
    publisher.replies["/private" + JULY] = Reply(CSV)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: borderledger\nDisallow: /private")
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert "robots.txt disallows" in site.failures[0]
    assert "/private" + JULY not in publisher.paths()


def test_a_disallowed_listing_is_a_failure_and_not_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY)
    publisher.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /document/")
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert site.failures == [f"{publisher.url}{LISTING}: found that robots.txt disallows it"]
    assert publisher.paths() == ["/robots.txt"]


def test_robots_txt_is_read_once_a_site(publisher: Publisher, tmp_path: Path) -> None:
    publisher.post(JULY)
    site = site_of(publisher, tmp_path)
    assert len(take_all(site, tmp_path)) == 1
    assert take_all(site, tmp_path) == []
    assert publisher.paths().count("/robots.txt") == 1


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for; none is slept. No host was asked before: an earlier
    test's publisher may have had the same port."""
    monkeypatch.setattr(host, "_TURNS", {})
    asked: list[float] = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


def test_requests_are_a_pause_apart_also_between_two_sites(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(AUGUST, JULY)
    for number in (1, 2):
        site = Site(dataset(publisher.url), Limits(), tmp_path / "memory.json", pause=50)
        take_all(site, tmp_path)
        assert len(publisher.asked) == 4 * number
    assert len(waits) == 7
    assert all(45 < seconds <= 50 for seconds in waits)


def test_a_longer_crawl_delay_is_kept(
    waits: list[float], publisher: Publisher, tmp_path: Path
) -> None:
    publisher.post(JULY)
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

    publisher.post(JULY)
    session = requests.Session()
    session.verify = False
    session.mount("http://", Witness())
    memory = tmp_path / "memory.json"
    site = Site(dataset(publisher.url), Limits(), memory, session=session, pause=0)
    assert len(take_all(site, tmp_path)) == 1
    assert checked == [True] * 3


# What stops a walk


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
    assert publisher.asked == []


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
    publisher.post(JULY)
    publisher.replies[path] = reply
    with pytest.raises(Unreachable) as raised:
        take_all(site_of(publisher, tmp_path, page_bytes=5000), tmp_path)
    assert str(raised.value).startswith(f"127.0.0.1: asked for {publisher.url}{path}, found ")
    assert found in str(raised.value)
    assert JULY not in publisher.paths()


def test_a_host_that_falls_silent_is_given_up(publisher: Publisher, tmp_path: Path) -> None:
    silent = [JULY.replace("-jul-", f"-{month}-") for month in ("jul", "jun", "may", "apr")]
    publisher.post(*silent, CLOSED)
    for path in silent:
        publisher.replies[path] = Reply(hang_up=True)
    site = site_of(publisher, tmp_path)
    candidates = site.new_candidates(tmp_path / "incoming")

    assert next(candidates).source == publisher.url + CLOSED
    with pytest.raises(Unreachable, match="asked for"):
        next(candidates)
    assert len(site.failures) == 2
    assert len(publisher.asked) == len(["robots", "listing", "closed"]) + 3


def test_a_host_that_answers_now_and_then_is_not_given_up(
    publisher: Publisher, tmp_path: Path
) -> None:
    silent = [JULY.replace("-jul-", f"-{month}-") for month in ("jul", "jun", "may", "apr")]
    publisher.post(AUGUST, CLOSED)
    for path in silent:
        publisher.replies[path] = Reply(hang_up=True)
    publisher.replies[CLOSED] = Reply(status=404)
    # All of one day, so that they are asked in the reverse of the listing.
    page = listing([], dict.fromkeys((AUGUST, *silent[:2], CLOSED, *silent[2:]), "09/04/2026"))
    publisher.replies[LISTING] = Reply(page.encode())
    site = site_of(publisher, tmp_path)
    assert [o.source for o in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert len(site.failures) == 5


def test_a_listing_without_files_is_a_failure(publisher: Publisher, tmp_path: Path) -> None:
    publisher.replies[LISTING] = Reply(HTML)
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert len(site.failures) == 1
    assert f"{publisher.url}{LISTING}: found no link to a file named like" in site.failures[0]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"bundled": True}, "found a bundled dataset"),
        ({"landing_page": "http://www.cbp.gov/stats"}, "expected an https URL"),
    ],
)
def test_a_dataset_without_a_site_is_refused(
    changes: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=problem):
        Site(dataset(**changes), Limits(), tmp_path / "memory.json")


TABLES = "ohss_immigration-enforcement-and-legal-processes-tables"


@pytest.mark.parametrize(
    ("name", "link", "file_name", "published"),
    [
        (
            "ohss_monthly_tables",
            f"/sites/default/files/2024-06/24-0607_{TABLES}-february-2024.xlsx",
            f"24-0607_{TABLES}-february-2024.xlsx",
            "2024-06-07",
        ),
        (
            "ohss_monthly_tables",
            f"/sites/default/files/2025-01/2025_0116_{TABLES}-november-2024_2.xlsx",
            f"2025_0116_{TABLES}-november-2024_2.xlsx",
            "2025-01-16",
        ),
        (
            "ohss_key_metrics_usbp",
            "/sites/default/files/2024-12/KHSM%20Encounters%20%28USBP%29%20fy25m11.xlsx",
            "KHSM Encounters (USBP) fy25m11.xlsx",
            "2024-12",
        ),
        (
            "ice_detention_statistics",
            "/doclib/detention/FY26_detentionStats_04092026.xlsx",
            "FY26_detentionStats_04092026.xlsx",
            "2026-04-09",
        ),
    ],
)
def test_a_workbook_may_tell_its_publication_in_its_name(
    name: str, link: str, file_name: str, published: str
) -> None:
    catalogued = load_catalogue()[name]
    [listed] = listed_files(f'<a href="{link}">here</a>', catalogued.landing_page, catalogued)
    assert (listed.file_name, str(listed.published_on)) == (file_name, published)
