"""Discovery from end to end: what a fetch takes in from the agencies' sites, and what it says of
them. Real fetches over TLS, from local servers."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from orchestration.intake.fetch import fetch
from orchestration.intake.outcome import IntakeOutcome
from orchestration.intake.source_health import SourceHealth, read_health
from orchestration.releases.archive import Archive
from orchestration.settings import Limits, Settings
from orchestration.sources import host
from tests.support.agencies import (
    CLOSED_AREA,
    CLOSED_STATE,
    DATASETS,
    NOVEMBER_AREA,
    OCTOBER_AREA,
    OCTOBER_STATE,
    POSTED,
    Agencies,
    page_of,
)
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, made
from tests.support.publisher_server import HTML, Reply, trusted_authority
from tests.support.workbooks import DETENTION, MONTHLY_TABLES

NOVEMBER = made(BY_AREA, "2020-10", "2023-11")


@pytest.fixture
def agencies(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Agencies]:
    """The agencies after their first fill, to be asked without pauses."""
    authority = trusted_authority(tmp_path_factory.mktemp("tls"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(host, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(host, "RETRY_SECONDS", 0.0)
    made_agencies = Agencies()
    yield made_agencies
    made_agencies.close()


@pytest.fixture
def online(settings: Settings) -> Settings:
    return replace(settings, landing=(), offline=False)


Fetch = Callable[..., list[IntakeOutcome]]


@pytest.fixture
def asking(agencies: Agencies, online: Settings) -> Fetch:
    """Fetches datasets, default: all, from the agencies."""

    def ask(*datasets: str, settings: Settings = online) -> list[IntakeOutcome]:
        return fetch(settings, datasets or DATASETS, agencies.catalogue())

    return ask


def source_of(settings: Settings, dataset: str) -> SourceHealth:
    return read_health(settings).sources[dataset]


def kinds(outcomes: list[IntakeOutcome]) -> list[tuple[str, str]]:
    """The kind of each outcome, and the last part of its source."""
    return [(outcome.kind, outcome.source.rpartition("/")[2]) for outcome in outcomes]


class TestWhatIsNew:
    """Files that are taken in."""

    def test_the_first_fetch_fills_the_archive_oldest_first(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        outcomes = asking()
        assert {outcome.kind for outcome in outcomes} == {"archived"}
        assert [outcome.dataset for outcome in outcomes] == [
            *(BY_AREA, BY_AREA, BY_STATE, BY_STATE, SOUTHWEST, SOUTHWEST),
            *("ohss_monthly_tables", "ohss_monthly_tables", "ohss_key_metrics_usbp"),
            *(DETENTION, DETENTION),
        ]
        published = [
            str(outcome.release.published) for outcome in outcomes if outcome.release is not None
        ]
        assert published == [
            *("2022-10", "2023-11-14") * 3,
            *("2024-02-09", "2024-03-01", "2023-12"),
            *("2024-10-15", "2025-01-15"),
        ]
        paths = [path for path, _ in agencies.requests()]
        assert paths.count("/robots.txt") == 3, "once per host"
        assert len(set(paths)) == len(paths) - 2, "each page and each file once"
        assert not [path for path in paths if path.endswith(".pdf")]
        health = read_health(online)
        assert set(health.sources) == set(DATASETS)
        for source in health.sources.values():
            assert source.answered_on == source.asked_on is not None
            assert (source.problem, source.findings) == (None, ())

    def test_if_nothing_is_new_only_conditional_requests_are_made(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        asking()
        agencies.requests()
        before = Archive(online.archive).digest()
        assert asking() == []
        requests = agencies.requests()
        files = [headers for path, headers in requests if path.endswith((".csv", ".xlsx"))]
        assert len(files) == 11
        assert all("If-None-Match" in headers for headers in files)
        assert len(requests) - len(files) == 3 + 5, "robots.txt and pages"
        assert Archive(online.archive).digest() == before

    def test_a_new_month_a_file_posted_again_and_new_bytes_at_an_old_address_are_taken(
        self, agencies: Agencies, asking: Fetch
    ) -> None:
        asking()
        again = OCTOBER_STATE.replace("state", "state_0")
        october = made(BY_STATE, "2020-10", "2023-10")
        agencies.post(BY_AREA, NOVEMBER_AREA, NOVEMBER.bytes(), "12/15/2023")
        agencies.take_off(BY_STATE, OCTOBER_STATE)
        agencies.post(BY_STATE, again, october.with_cell(0, "encounters", "7").bytes())
        revised = made(BY_AREA, "2019-10", "2022-09").with_cell(0, "encounters", "9")
        agencies.post(BY_AREA, CLOSED_AREA, revised.bytes())
        assert kinds(asking()) == [
            ("archived", CLOSED_AREA.rpartition("/")[2]),
            ("archived", NOVEMBER_AREA.rpartition("/")[2]),
            ("archived", again.rpartition("/")[2]),
        ]
        assert asking() == []

    def test_a_file_that_a_busy_publisher_has_later_is_taken(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        busy = Reply(status=429, headers={"Retry-After": "0"})
        agencies.cbp.replies[OCTOBER_AREA].before.append(busy)
        assert [outcome.kind for outcome in asking(BY_AREA)] == ["archived"] * 2
        assert source_of(online, BY_AREA).problem is None
        assert [path for path, _ in agencies.requests()].count(OCTOBER_AREA) == 2

    def test_what_the_archive_has_lost_is_downloaded_again(
        self, asking: Fetch, online: Settings
    ) -> None:
        first, _ = asking(BY_AREA)
        assert first.release is not None
        archive = Archive(online.archive)
        shutil.rmtree(archive.folder_of(first.release))
        assert [outcome.source for outcome in asking(BY_AREA)] == [first.source]
        assert len(archive.releases()) == 2
        assert asking(BY_AREA) == []

    def test_what_a_killed_fetch_left_is_removed(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        asking(BY_AREA)
        incoming = online.home / "incoming"
        memories = sorted(path.name for path in incoming.iterdir() if path.is_file())
        for name in (f"{BY_AREA}/a.csv.part", f"{BY_AREA}/1/b.csv", "gone/c.csv", ".x.json.part"):
            (incoming / name).parent.mkdir(parents=True, exist_ok=True)
            (incoming / name).write_text("left over")
        agencies.requests()
        assert asking(BY_AREA) == []
        assert sorted(path.name for path in incoming.rglob("*") if path.is_file()) == memories


class TestWhatIsWrong:
    """Answers that cannot be used: each is named, and nothing else is lost."""

    def test_each_bad_answer_is_named_and_the_other_files_are_taken(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        foreign = Reply(status=302, headers={"Location": "https://files.example.org/a.csv"})
        bad = {
            "oct": (Reply(status=503), "found 503 Service Unavailable twice, expected 200 OK"),
            "nov": (foreign, "found a redirect to 'https://files.example.org/a.csv', expected to "),
            "dec": (Reply(b"x" * 999, seconds=60), " after 2 s, expected all of it by then"),
            "jan": (Reply(HTML), "found an HTML page, expected a file"),
            "feb": (Reply(b"x" * 9999, length=None, endless=True), "found more than 60,000 bytes"),
        }
        paths = {
            month: f"{POSTED}/2024-0{number}/nationwide-encounters-fy21-fy24-{month}-aor.csv"
            for number, month in enumerate(bad, start=1)
        }
        for month, path in paths.items():
            agencies.post(BY_AREA, path, b"")
            agencies.cbp.replies[path] = bad[month][0]
        limits = Limits(release_bytes=60_000, download_seconds=2.0)
        outcomes = asking(BY_AREA, settings=replace(online, limits=limits))
        assert [outcome.kind for outcome in outcomes] == ["archived"] * 2 + ["unreachable"] * 5
        for outcome, (month, path) in zip(outcomes[2:], paths.items(), strict=True):
            assert outcome.source == agencies.cbp.url + path
            assert bad[month][1] in (outcome.reason or "")
            assert len(outcome.reason or "") < 120
        source = source_of(online, BY_AREA)
        assert source.problem is None
        assert source.findings == tuple(outcome.detail for outcome in outcomes[2:])

    def test_a_file_of_another_length_than_announced_is_named(
        self, agencies: Agencies, asking: Fetch
    ) -> None:
        content = agencies.cbp.replies[OCTOBER_AREA].body
        agencies.cbp.replies[OCTOBER_AREA] = Reply(content, length=len(content) + 1)
        closed, october = asking(BY_AREA)
        assert closed.kind == "archived"
        assert october.detail == (
            f"{agencies.cbp.url}{OCTOBER_AREA}: found a body that breaks off after "
            f"{len(content):,} bytes, expected {len(content) + 1}"
        )

    def test_files_of_no_dataset_are_named_once_for_their_page(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        agencies.post(BY_AREA, f"{POSTED}/2024-01/encounters-by-area.xlsx", b"renamed")
        page = agencies.cbp.url + page_of(BY_AREA)
        found = [o for o in asking(BY_AREA, BY_STATE) if o.kind != "archived"]
        assert [(o.kind, o.source, o.dataset) for o in found] == [("skipped", page, None)]
        [finding] = source_of(online, BY_AREA).findings
        assert finding == found[0].reason
        assert "encounters-by-area.xlsx" in finding
        assert source_of(online, BY_STATE).findings == ()

    def test_a_page_without_files_is_named(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        """And not taken for one from which every file has vanished."""
        asking(BY_AREA)
        page = page_of(BY_AREA)
        shown = agencies.cbp.replies[page]
        agencies.cbp.replies[page] = Reply(HTML)
        [outcome] = asking(BY_AREA)
        assert outcome.detail == (
            f"{agencies.cbp.url}{page}: found no link to a file such as "
            "nationwide-encounters-fy21-fy24-aor.csv, expected some: the page has changed, or it "
            "is a refusal"
        )
        assert source_of(online, BY_AREA).findings == (outcome.detail,)
        agencies.cbp.replies[page] = shown
        assert asking(BY_AREA) == []
        assert source_of(online, BY_AREA).findings == ()
        agencies.cbp.replies[page] = Reply(HTML)
        asking(BY_AREA)
        agencies.take_off(BY_AREA, OCTOBER_AREA)
        assert [outcome.kind for outcome in asking(BY_AREA)] == ["vanished"]

    def test_a_robots_txt_that_forbids_the_page_is_respected(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        agencies.cbp.replies["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /document/")
        outcomes = asking(BY_AREA, MONTHLY_TABLES)
        assert [outcome.kind for outcome in outcomes] == ["unreachable", "archived", "archived"]
        page = agencies.cbp.url + page_of(BY_AREA)
        assert outcomes[0].detail == f"{page}: found that robots.txt disallows it"
        assert source_of(online, BY_AREA).problem == outcomes[0].detail
        assert [path for path, _ in agencies.requests()][:2] == ["/robots.txt"] * 2


class TestVanishedFiles:
    """Files that a listing no longer has."""

    def test_the_newest_file_is_reported_once_and_kept_until_the_listing_changes(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        agencies.post(BY_AREA, NOVEMBER_AREA, NOVEMBER.bytes(), "12/15/2023")
        asking(BY_AREA)
        agencies.take_off(BY_AREA, NOVEMBER_AREA)
        [outcome] = asking(BY_AREA)
        page = agencies.cbp.url + page_of(BY_AREA)
        sentence = f"the newest file is no longer listed: {NOVEMBER_AREA.rpartition('/')[2]}"
        assert (outcome.kind, outcome.dataset) == ("vanished", BY_AREA)
        assert outcome.detail == f"{page}: {sentence}"
        assert source_of(online, BY_AREA).findings == (sentence,)
        assert asking(BY_AREA) == []
        assert source_of(online, BY_AREA).findings == (sentence,)
        agencies.post(BY_AREA, NOVEMBER_AREA, NOVEMBER.bytes(), "12/15/2023")
        assert asking(BY_AREA) == []
        assert source_of(online, BY_AREA).findings == ()

    def test_a_fetch_that_broke_off_reports_it_again(
        self, agencies: Agencies, asking: Fetch
    ) -> None:
        asking(BY_STATE)
        agencies.take_off(BY_STATE, OCTOBER_STATE)
        agencies.cbp.replies[CLOSED_STATE] = Reply(status=429, headers={"Retry-After": "9999"})
        assert [outcome.kind for outcome in asking(BY_STATE)] == ["unreachable", "vanished"]
        agencies.cbp.replies[CLOSED_STATE] = Reply(status=404)
        assert [outcome.kind for outcome in asking(BY_STATE)] == ["unreachable", "vanished"]
        assert [outcome.kind for outcome in asking(BY_STATE)] == ["unreachable"]


class TestUnreachablePublishers:
    """Publishers that do not answer."""

    def test_one_that_is_down_is_one_short_line_and_the_others_are_asked(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        agencies.cbp.close()
        outcomes = asking()
        name = agencies.cbp.url.removeprefix("https://")
        silent = [outcome for outcome in outcomes if outcome.kind == "unreachable"]
        assert [outcome.dataset for outcome in silent] == [BY_AREA, BY_STATE, SOUTHWEST]
        line = f"{name}: no connection: connection refused"
        assert {outcome.detail for outcome in silent} == {line}
        assert [outcome.kind for outcome in outcomes[3:]] == ["archived"] * 5
        source = source_of(online, SOUTHWEST)
        assert (source.problem, source.nights_unreachable) == (line, 1)
        assert source.answered_on is None
        assert source.asked_on is not None
        assert source_of(online, DETENTION).problem is None

    def test_one_that_answers_again_is_healthy(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        agencies.cbp.replies["/robots.txt"] = Reply(status=500)
        asking(BY_AREA)
        asking(BY_AREA)
        source = source_of(online, BY_AREA)
        assert source.nights_unreachable == 1, "twice on one day"
        assert source.problem == (
            f"{agencies.cbp.url}/robots.txt: found 500 Internal Server Error, expected 200 OK"
        )
        agencies.cbp.replies["/robots.txt"] = Reply(status=404)
        asking(BY_AREA)
        source = source_of(online, BY_AREA)
        assert (source.problem, source.nights_unreachable) == (None, 0)
        assert source.answered_on == source.asked_on

    def test_a_fetch_offline_leaves_the_health_of_publishers_as_it_was(
        self, agencies: Agencies, asking: Fetch, online: Settings
    ) -> None:
        asking(BY_AREA)
        before = read_health(online).sources
        agencies.requests()
        assert asking(BY_AREA, settings=replace(online, offline=True)) == []
        assert read_health(online).sources == before
        assert agencies.requests() == []
