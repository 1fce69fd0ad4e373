"""Publishers' sites: which listed files are downloaded, and which failures stop a walk."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.settings import Limits
from orchestration.sources.failures import Unreachable
from orchestration.sources.sites import Site
from tests.support.cbp_files import BY_STATE
from tests.support.publisher_server import (
    AREA,
    AUGUST,
    CLOSED,
    CSV,
    DICTIONARY,
    HTML,
    JULY,
    LISTING,
    Publisher,
    Reply,
    dataset,
    failures_of,
    files_in,
    host_of,
    listing,
    site_at,
    site_of,
    take_all,
)

CHUNKED = {"Transfer-Encoding": "chunked"}
BOMB = gzip.compress(b"0" * 1_000_000)


def test_the_first_walk_yields_every_listed_file_oldest_first(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY, CLOSED)
    foreign = "https://files.example.org/2026-09/nationwide-encounters-fy23-fy26-sep-aor.csv"
    page = listing([AUGUST, foreign, JULY, DICTIONARY, CLOSED], {AUGUST: "09/04/2026"})
    publisher.replies[LISTING] = Reply(page.encode())
    site = site_of(publisher, tmp_path)

    candidates = take_all(site, tmp_path)

    assert [(c.source, str(c.published_on)) for c in candidates] == [
        (publisher.url + CLOSED, "2023-11"),
        (publisher.url + JULY, "2026-08"),
        (publisher.url + AUGUST, "2026-09-04"),
    ]
    for candidate, path in zip(candidates, (CLOSED, JULY, AUGUST), strict=True):
        assert candidate.path == tmp_path / "incoming" / candidate.file_name
        assert candidate.path.read_bytes() == CSV + path.encode()
        assert (candidate.dataset, candidate.file_name) == (AREA, path.split("/")[-1])
    assert failures_of(site) == []
    assert publisher.paths() == ["/robots.txt", LISTING, CLOSED, JULY, AUGUST]


def test_a_walk_names_the_listed_files_that_it_leaves_out(
    publisher: Publisher, tmp_path: Path
) -> None:
    """The file by state is of another dataset of the same page, so it is not named."""
    page = publisher.url + LISTING
    by_state = load_catalogue()[BY_STATE].model_copy(update={"landing_page": page})
    foreign = "https://files.example.org" + AUGUST
    publisher.list_files(JULY, JULY.replace("aor", "state"), "/files/renamed.xlsx", foreign)
    of = dataset(publisher.url)
    site = Site(of, Limits(), tmp_path / "memory.json", host_of(publisher.url), [of, by_state])

    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + JULY]
    assert site.unmatched == ["renamed.xlsx"]
    assert site.left_out == [f"found a link to {foreign}, expected one to {page}"]
    assert publisher.paths() == ["/robots.txt", LISTING, JULY]

    publisher.list_files(JULY)
    later = site_of(publisher, tmp_path)
    take_all(later, tmp_path)
    assert (later.unmatched, later.left_out) == ([], [])


def test_a_listing_that_cannot_be_read_leaves_out_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.replies[LISTING] = Reply(listing(["/files/renamed.xlsx"]).encode(), status=403)
    site = site_of(publisher, tmp_path)
    with pytest.raises(Unreachable):
        take_all(site, tmp_path)
    assert (site.unmatched, site.left_out) == ([], [])


def test_the_second_walk_sends_conditional_requests_and_yields_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    seen = {"ETag": '"one"', "Last-Modified": "Fri, 04 Sep 2026 12:00:00 GMT"}
    publisher.list_files(AUGUST, CLOSED, headers=seen)
    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 2

    later = site_of(publisher, tmp_path)
    assert take_all(later, tmp_path) == []
    assert failures_of(later) == []
    assert len(set(publisher.connections[-3:])) == 1, "a 304 leaves the connection open"
    for path in (AUGUST, CLOSED):
        first, second = publisher.headers_for(path)
        assert "If-None-Match" not in first
        assert second["If-None-Match"] == '"one"'
        assert second["If-Modified-Since"] == "Fri, 04 Sep 2026 12:00:00 GMT"


def test_new_bytes_at_the_same_url_are_a_candidate(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(CLOSED, headers={"ETag": '"one"'})
    take_all(site_of(publisher, tmp_path), tmp_path)
    publisher.replies[CLOSED] = Reply(b"revised", headers={"ETag": '"two"'})

    candidates = take_all(site_of(publisher, tmp_path), tmp_path)

    assert [candidate.path.read_bytes() for candidate in candidates] == [b"revised"]
    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    asked = [headers.get("If-None-Match") for headers in publisher.headers_for(CLOSED)]
    assert asked == [None, '"one"', '"two"']


def test_the_same_bytes_under_a_new_etag_are_not_a_candidate(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY, headers={"ETag": '"one"'})
    candidates = take_all(site_of(publisher, tmp_path), tmp_path)
    candidates[0].path.unlink()
    publisher.replies[JULY].headers["ETag"] = '"two"'

    for _ in range(2):
        site = site_of(publisher, tmp_path)
        assert take_all(site, tmp_path) == []
        assert failures_of(site) == []

    asked = [headers.get("If-None-Match") for headers in publisher.headers_for(JULY)]
    assert asked == [None, '"one"', '"two"'], "the new ETag spares the next download"
    assert files_in(tmp_path / "incoming") == []


def test_without_an_etag_the_bytes_decide(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(JULY)
    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 1
    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    assert "If-None-Match" not in publisher.headers_for(JULY)[1]


def test_nothing_is_remembered_before_the_caller_asks_for_it(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY, headers={"ETag": '"one"'})
    site = site_of(publisher, tmp_path)
    crashed, taken = site.new_candidates(tmp_path / "incoming")
    assert not (tmp_path / "memory.json").exists()
    site.remember(taken)

    candidates = take_all(site_of(publisher, tmp_path), tmp_path)

    assert [candidate.source for candidate in candidates] == [crashed.source]
    assert "If-None-Match" not in publisher.headers_for(JULY)[1]


def test_a_site_remembers_only_its_own_candidates(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(JULY)
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
def test_a_broken_memory_counts_as_empty(
    broken: bytes, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY, headers={"ETag": '"one"'})
    memory = tmp_path / "memory.json"
    (tmp_path / "memory-listing.json").write_bytes(broken)
    memory.write_bytes(broken.replace(b"URL", (publisher.url + JULY).encode()))

    assert len(take_all(site_of(publisher, tmp_path), tmp_path)) == 1
    assert "If-None-Match" not in publisher.headers_for(JULY)[0]
    assert take_all(site_of(publisher, tmp_path), tmp_path) == []
    assert publisher.headers_for(JULY)[1]["If-None-Match"] == '"one"'


def test_a_remembered_header_that_could_forge_a_request_is_not_sent(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
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
    publisher.list_files(JULY, state, headers={"ETag": '"one"'})
    by_state = load_catalogue()["cbp_nationwide_encounters_by_state"]
    by_state = by_state.model_copy(update={"landing_page": publisher.url + LISTING})
    area = site_of(publisher, tmp_path)
    other = site_at(host_of(publisher.url), tmp_path, by_state)

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
        "memory-listing.json",
        "memory.json",
    ]


def test_the_same_name_in_two_folders_does_not_overwrite_a_candidate(
    publisher: Publisher, tmp_path: Path
) -> None:
    again = JULY.replace("2026-08", "2026-09")
    publisher.list_files(again, JULY)
    candidates = list(site_of(publisher, tmp_path).new_candidates(tmp_path / "incoming"))
    assert [candidate.path.read_bytes() for candidate in candidates] == [
        CSV + JULY.encode(),
        CSV + again.encode(),
    ]
    assert {candidate.path.name for candidate in candidates} == {JULY.split("/")[-1]}


def test_a_symbolic_link_in_the_folder_is_replaced_not_followed(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY)
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
    publisher.list_files(JULY)
    take_all(site_of(publisher, tmp_path), tmp_path)
    assert publisher.headers_for(JULY)[0]["Accept-Encoding"] == "identity"


def test_a_compressed_answer_is_stored_as_the_file_itself(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(JULY, body=gzip.compress(CSV * 5000), headers={"Content-Encoding": "gzip"})
    (candidate,) = take_all(site_of(publisher, tmp_path), tmp_path)
    assert candidate.path.read_bytes() == CSV * 5000
    record = json.loads((tmp_path / "memory.json").read_text())[publisher.url + JULY]
    assert record["sha256"] == hashlib.sha256(CSV * 5000).hexdigest()


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
        (Reply(hang_up=True), "the connection was closed before an answer"),
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
def test_one_bad_file_is_named_and_does_not_stop_the_others(
    reply: Reply, reason: str, publisher: Publisher, tmp_path: Path
) -> None:
    publisher.list_files(AUGUST, JULY, CLOSED)
    publisher.replies[JULY] = reply
    site = site_of(publisher, tmp_path, release_bytes=1000)

    candidates = take_all(site, tmp_path)

    assert [candidate.source for candidate in candidates] == [
        publisher.url + CLOSED,
        publisher.url + AUGUST,
    ]
    (failure,) = failures_of(site)
    assert publisher.url + JULY in failure
    assert reason in failure
    assert files_in(tmp_path / "incoming") == sorted(p.split("/")[-1] for p in (CLOSED, AUGUST))


@pytest.mark.parametrize(
    ("sent", "published"),
    [
        ("Mon, 06 Oct 2025 23:30:00 GMT", "2025-10-06"),
        (None, None),
        ("yesterday", None),
    ],
)
def test_a_file_without_a_date_was_published_when_it_was_last_modified(
    sent: str | None, published: str | None, publisher: Publisher, tmp_path: Path
) -> None:
    """As the workbooks of ICE's closed years."""
    undated = "/doclib/nationwide-encounters-fy22-fy25-aor.csv"
    publisher.list_files(undated, headers={} if sent is None else {"Last-Modified": sent})
    site = site_of(publisher, tmp_path)
    candidates = take_all(site, tmp_path)
    assert [str(candidate.published_on) for candidate in candidates] == (
        [published] if published else []
    )
    if published is None:
        [failure] = failures_of(site)
        assert failure.startswith(f"{publisher.url}{undated}: found no publication date, expected")
        assert files_in(tmp_path / "incoming") == []
    again = site_of(publisher, tmp_path)
    assert take_all(again, tmp_path) == []
    assert not again.has_changed


def test_failures_are_those_of_the_last_walk(publisher: Publisher, tmp_path: Path) -> None:
    publisher.list_files(JULY, status=500)
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert len(failures_of(site)) == 1
    publisher.list_files(JULY)
    assert len(take_all(site, tmp_path)) == 1
    assert failures_of(site) == []


def test_the_walk_stops_at_a_host_that_no_longer_responds(
    publisher: Publisher, tmp_path: Path
) -> None:
    silent = [JULY.replace("-jul-", f"-{month}-") for month in ("jul", "jun", "may", "apr")]
    publisher.list_files(*silent, CLOSED)
    for path in silent:
        publisher.replies[path] = Reply(hang_up=True)
    site = site_of(publisher, tmp_path)
    candidates = site.new_candidates(tmp_path / "incoming")

    assert next(candidates).source == publisher.url + CLOSED
    with pytest.raises(Unreachable, match=r"closed before an answer \(3 requests in a row\)"):
        next(candidates)
    assert len(failures_of(site)) == 2
    assert len(publisher.requests) == len(["robots", "listing", "closed"]) + 3


def test_the_walk_goes_on_if_the_host_responds_now_and_then(
    publisher: Publisher, tmp_path: Path
) -> None:
    silent = [JULY.replace("-jul-", f"-{month}-") for month in ("jul", "jun", "may", "apr")]
    publisher.list_files(AUGUST, CLOSED)
    for path in silent:
        publisher.replies[path] = Reply(hang_up=True)
    publisher.replies[CLOSED] = Reply(status=404)
    # All of one day, so that they are requested in the reverse of the listing.
    page = listing([], dict.fromkeys((AUGUST, *silent[:2], CLOSED, *silent[2:]), "09/04/2026"))
    publisher.replies[LISTING] = Reply(page.encode())
    site = site_of(publisher, tmp_path)
    assert [c.source for c in take_all(site, tmp_path)] == [publisher.url + AUGUST]
    assert len(failures_of(site)) == 5


def test_a_listing_without_files_is_a_failure(publisher: Publisher, tmp_path: Path) -> None:
    publisher.replies[LISTING] = Reply(HTML)
    site = site_of(publisher, tmp_path)
    assert take_all(site, tmp_path) == []
    assert len(failures_of(site)) == 1
    assert f"{publisher.url}{LISTING}: found no link to a file such as " in failures_of(site)[0]


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
    of = dataset(**changes)
    with pytest.raises(ValueError, match=problem):
        site_at(host_of(of.landing_page), tmp_path, of)
