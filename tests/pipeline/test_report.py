"""The report as people open it: every page in a headless browser, from disk, on an empty archive,
on the bundle and on every release at hand."""

import csv
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from html import unescape
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, Page

from orchestration.builds.build import Build, sealed_builds
from orchestration.builds.columns import described_columns
from orchestration.builds.comments import COLUMNS, GATE_RESULTS
from orchestration.builds.tables import write_table
from orchestration.catalogue.dataset import load_catalogue
from orchestration.claims.tables import write_claims
from orchestration.report.downloads import Download
from orchestration.report.pages import LINKS, SUBJECTS
from orchestration.report.writing import (
    is_report_of,
    link_downloads,
    publish_report,
    restore_report,
    write_report,
)
from orchestration.settings import Settings
from tests.conftest import run_command
from tests.pipeline.browser.serving import CHROMIUM, browse
from tests.support.published_file import ask
from tests.support.report_pages import CALIFORNIA, Seen, look_at, opened

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed")

PAGES = [*(link.file for link in LINKS), "dictionary-encounters.html"]
CHARTED = [subject.file for subject in SUBJECTS]
MOST_BYTES = 3_000_000
WHEN = re.compile(r"[A-Z]\w+ \d{4}: |\d+ \w+ \d{4}: |\w+ year \d{4}: ")
TWO_BUILDS = ("20260101T000000Z-a", "20260102T000000Z-b")
HOMES = (
    pytest.param("empty", marks=pytest.mark.long),
    "bundle",
    pytest.param("every release", marks=pytest.mark.long),
)


def write_empty_report(empty_build: Path, folder: Path) -> Path:
    """The report on an archive without any release."""
    database = folder / "border.duckdb"
    shutil.copy(empty_build / "border.duckdb", database)
    with duckdb.connect(str(database)) as connection:
        write_claims(connection, folder, ())
        columns = ", ".join(f'null as "{column}"' for column in GATE_RESULTS.columns)
        connection.execute(f"create table meta.gate_results as select {columns} where false")
        connection.execute(
            "create table meta.builds as select 'empty' as build_id, 0 as releases,"
            " timestamptz '2026-11-27' as built_at, null::date as as_of"
        )
        connection.execute(
            "create table meta.tables as select 'main' as schema_name, 'measures' as table_name,"
            " 0 as rows, []::varchar[] as datasets"
        )
        write_table(connection, folder, "meta.columns", described_columns(connection, {}), COLUMNS)
    write_report(database, folder / "report", load_catalogue())
    return folder / "report"


@pytest.fixture(scope="module", params=HOMES)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a report, of each kind of archive in turn."""
    if request.param == "empty":
        empty: Path = request.getfixturevalue("empty_build")
        return write_empty_report(empty, tmp_path_factory.mktemp("empty-report"))
    name = "bundle_home" if request.param == "bundle" else "every_release_home"
    home: Path = request.getfixturevalue(name)
    return home / "report"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browse() as page:
        assert page.context.browser is not None
        yield page.context.browser


@pytest.fixture(scope="module")
def look(browser: Browser) -> Iterator[Callable[[Path, str], Seen]]:
    """What is seen of a report's page, which is opened for the first of its tests only."""
    page = browser.new_page(timezone_id=CALIFORNIA)
    yield cache(lambda report, file: look_at(page, report / file, is_used=file in CHARTED))
    page.close()


@contextmanager
def on_a_desk(browser: Browser, path: Path) -> Iterator[Page]:
    """A page that has just been opened, which may ask for nothing but the report's files, and has
    nothing to complain about."""
    with opened(browser, path) as (page, asked, complaints):
        yield page
        assert complaints == []
        assert foreign(asked, path.parent) == []


def foreign(asked: list[str], report: Path) -> list[str]:
    """The addresses that are not the report's own."""
    own = (report.as_uri(), report.resolve().as_uri(), "data:")
    return [url for url in asked if not url.startswith(own)]


def exhibits(html: str) -> list[tuple[str, str]]:
    """The name of each exhibit of a page that has figures, with its query."""
    found = re.findall(r'href="data/([\w-]+)\.csv".*?<pre[^>]*>(.*?)</pre>', html, re.DOTALL)
    return [(name, unescape(query)) for name, query in found]


@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_from_disk_and_draws_every_figure(
    report: Path, look: Callable[[Path, str], Seen], file: str
) -> None:
    """It asks for nothing but the report's files, and the browser has nothing to complain about."""
    seen = look(report, file)
    assert seen.complaints == []
    assert len(seen.asked) > 1
    assert foreign(seen.asked, report) == []
    for chart in seen.marks:
        assert chart["drawn"] == chart["expected"], chart
    shared = sum(path.stat().st_size for path in (report / "assets").iterdir())
    assert (report / file).stat().st_size + shared < MOST_BYTES


@pytest.mark.parametrize("file", PAGES)
def test_a_page_fits_a_phone_and_paper(
    report: Path, look: Callable[[Path, str], Seen], file: str
) -> None:
    seen = look(report, file)
    assert {medium: wider for medium, wider in seen.wider.items() if wider > 0} == {}
    assert not seen.printed_links


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file", PAGES)
def test_a_screen_reader_can_read_a_page(
    report: Path, look: Callable[[Path, str], Seen], file: str, scheme: str
) -> None:
    seen = look(report, file)
    assert seen.barriers[scheme] == []
    assert seen.repeated == []


@pytest.mark.parametrize("file", CHARTED)
def test_mouse_and_keyboard_read_figures_with_their_source(
    report: Path, look: Callable[[Path, str], Seen], file: str
) -> None:
    """In California, where a month must not become the one before."""
    for read in look(report, file).readings:
        said = {figure["says"] for figure in read.figures}
        assert read.tip in said
        assert read.pointed in said
        assert read.first == read.figures[0]["says"]
        assert read.last == read.figures[-1]["says"]
        series = read.figures[-1].get("series")
        own = [one for one in read.figures if one.get("series") == series]
        assert read.before_last == own[max(0, len(own) - 2)]["says"]
        assert WHEN.match(read.figures[0]["says"])


@pytest.mark.parametrize("file", CHARTED)
def test_the_keyboard_reaches_all_that_can_be_used(
    report: Path, look: Callable[[Path, str], Seen], file: str
) -> None:
    assert look(report, file).unreached == []


def test_the_ring_is_on_the_figure_that_is_read(report: Path, browser: Browser) -> None:
    with on_a_desk(browser, report / "revisions.html") as page:
        if not page.locator(".plot").count():
            pytest.skip("the archive is empty")
        plot = page.locator(".plot").first
        plot.focus()
        plot.press("Home")
        ring = plot.locator(".dot").bounding_box()
        first = plot.locator(".mark-symbol path").first.bounding_box()
        assert ring is not None
        assert first is not None
        for at, size in (("x", "width"), ("y", "height")):
            middles = [box[at] + box[size] / 2 for box in (ring, first)]  # type: ignore[literal-required]
            assert abs(middles[0] - middles[1]) < 1


@pytest.mark.parametrize("file", CHARTED)
def test_no_chart_has_two_figures_of_one_series_and_time(
    report: Path, look: Callable[[Path, str], Seen], file: str
) -> None:
    for figures in look(report, file).figures:
        in_series = [
            (figure["x"], figure.get("series")) for figure in figures if not figure.get("alone")
        ]
        if file != "revisions.html":  # a month may be compared in several pairs of releases
            assert len(set(in_series)) == len(in_series)


def test_the_scale_can_be_logarithmic(report: Path, browser: Browser) -> None:
    with on_a_desk(browser, report / "southwest.html") as page:
        if not page.locator(".switch input").count():
            pytest.skip("the archive is empty")
        labels = ".plot .role-axis-label text"
        before = page.locator(labels).all_text_contents()
        page.locator(".switch input").first.check()
        page.wait_for_function(
            "([labels, before]) => JSON.stringify([...document.querySelectorAll(labels)]"
            ".map(label => label.textContent)) !== before",
            arg=[labels, json.dumps(before, separators=(",", ":"))],
        )
        assert (
            "0k" not in page.locator(".plot").first.locator(".role-axis-label").all_text_contents()
        )


@pytest.mark.parametrize("name", ["bundle_home", "every_release_home"])
def test_query_table_and_csv_of_an_exhibit_say_the_same(
    request: pytest.FixtureRequest, name: str
) -> None:
    home: Path = request.getfixturevalue(name)
    checked = 0
    for file in CHARTED:
        for exhibit, query in exhibits((home / "report" / file).read_text()):
            rows = ask(home, query)
            with (home / "report" / "data" / f"{exhibit}.csv").open(newline="") as lines:
                header, *cells = csv.reader(lines)
            assert len(cells) == len(rows) > 0
            assert [len(row) for row in cells] == [len(header)] * len(rows)
            for row, shown in zip(rows, cells, strict=True):
                numbers = [str(cell) for cell in row if type(cell) is int]
                assert set(numbers) <= set(shown)
            checked += 1
    assert checked >= 12


def test_the_first_page_has_the_newest_month(bundle_home: Path) -> None:
    [(month, figure)] = ask(
        bundle_home,
        "select month, between_ports from southwest_border_monthly"
        " where between_ports is not null order by month desc limit 1",
    )
    html = (bundle_home / "report" / "index.html").read_text()
    lead = unescape(re.findall(r'<p class="lead">(.*?)</p>', html)[0])
    assert f"{figure:,} encounters between ports of entry" in lead
    assert f"in {month:%B %Y}" in lead
    assert "Source: U.S. Customs and Border Protection" in lead


def test_each_claim_has_a_card(bundle_home: Path) -> None:
    html = unescape((bundle_home / "report" / "claims.html").read_text())
    claims = ask(bundle_home, "select claim_id, verdict, note from claim_checks")
    assert len(claims) == html.count('<li class="card"')
    for claim_id, verdict, note in claims:
        card = html.partition(f'id="{claim_id}"')[2].partition("</li>\n")[0]
        assert verdict in card
        assert note in card


def test_a_dataset_whose_next_release_is_overdue_says_so(
    every_release_home: Path, browser: Browser
) -> None:
    """By the reader's clock: the page may be old."""
    with on_a_desk(browser, every_release_home / "report" / "data.html") as page:
        cells = page.locator("[data-due]")
        due = {cell.get_attribute("data-due"): cell.text_content() for cell in cells.all()}
        today = page.evaluate("() => new Date().toISOString().slice(0, 10)")
    assert any(due)
    for day, text in due.items():
        assert text == (f"{day} (overdue)" if day and day < today else day)


def test_every_link_inside_the_report_leads_somewhere(report: Path) -> None:
    for file in PAGES:
        html = (report / file).read_text()
        for target in set(re.findall(r'(?:href|src)="([^"]+)"', html)):
            if target.startswith(("http", "data:")):
                continue
            name, _, anchor = target.partition("#")
            page = report / (name or file)
            assert page.exists(), f"{file}: {target}"
            if anchor:
                assert f'id="{anchor}"' in page.read_text(), f"{file}: {target}"


@pytest.fixture(scope="module")
def home_of_two(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two builds, each with its report; the later one's is the home's. Not to be
    changed."""
    settings = Settings(tmp_path_factory.mktemp("two"))
    [made] = sealed_builds(Settings(bundle_home).builds)
    for name in TWO_BUILDS:
        shutil.copytree(made.folder, settings.builds / name)
        publish_report(Build(settings.builds / name), settings, load_catalogue())
    return settings.home


@pytest.fixture
def builds(home_of_two: Path, tmp_path: Path) -> list[Build]:
    """Two builds of one home that a test may change, the earlier one first."""
    settings = Settings(Path(shutil.copytree(home_of_two, tmp_path / "home", symlinks=True)))
    return [Build(settings.builds / name) for name in TWO_BUILDS]


def home_of(build: Build) -> Settings:
    return Settings(build.folder.parents[1])


def test_a_rollback_brings_its_report_back(builds: list[Build]) -> None:
    first, second = builds
    settings = home_of(first)
    assert settings.report.resolve() == (second.folder / "report").resolve()
    page = restore_report(first, settings, load_catalogue())
    assert page.resolve() == (first.folder / "report" / "index.html").resolve()


def test_a_report_links_an_export_of_its_own_build_only(builds: list[Build]) -> None:
    first, _ = builds
    settings, catalogue = home_of(first), load_catalogue()
    files = [Download("measures", 3, "../export/data/m.csv", "../export/data/m.parquet")]
    link_downloads(first, catalogue, files)
    page = first.folder / "report" / "data.html"
    assert 'href="../export/data/m.csv"' in page.read_text()
    restore_report(first, settings, catalogue)  # meanwhile another build was exported there
    assert "../export" not in page.read_text()


def test_what_is_no_report_is_put_aside(builds: list[Build]) -> None:
    first, _ = builds
    settings = home_of(first)
    for content in ("a file", "a folder"):
        settings.report.unlink()
        if content == "a file":
            settings.report.write_text("mine")
        else:
            settings.report.mkdir()
            (settings.report / "notes.txt").write_text("mine")
        assert restore_report(first, settings, load_catalogue()).exists()
    aside = settings.home / "report.set-aside"
    assert aside.read_text() == "mine"
    assert (settings.home / "report.set-aside-2" / "notes.txt").read_text() == "mine"


def test_a_copied_home_without_links_gets_its_report_again(builds: list[Build]) -> None:
    first, second = builds
    settings = home_of(first)
    settings.report.unlink()
    shutil.copytree(second.folder / "report", settings.report)
    restore_report(first, settings, load_catalogue())
    assert settings.report.is_symlink()


def test_a_night_without_news_mends_the_report_of_an_interrupted_rollback(own_home: Path) -> None:
    settings = Settings(own_home)
    [build] = sealed_builds(settings.builds)
    settings.report.unlink()
    settings.report.symlink_to("builds/gone/report")
    assert not is_report_of(build, settings)
    run_command(own_home, "nightly")
    assert is_report_of(build, settings)
