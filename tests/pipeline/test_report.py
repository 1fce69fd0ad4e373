"""The report as people open it: every page in a headless browser, from disk, on an empty archive,
on the bundle and on every release at hand."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

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

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed")

PAGES = [*(link.file for link in LINKS), "dictionary-encounters.html"]
CHARTED = [subject.file for subject in SUBJECTS]
MOST_BYTES = 3_000_000
DRAWN = "body[data-drawn]"
PAPER: ViewportSize = {"width": 794, "height": 1123}  # A4, at 96 dots per inch
WHEN = re.compile(r"[A-Z]\w+ \d{4}: |\d+ \w+ \d{4}: |\w+ year \d{4}: ")
USABLE = "[...document.querySelectorAll('a, summary, input, .plot')]"
HOMES = ("empty", "bundle", "every release")
# how many marks the figures of each chart need, and how many it has: points of lines, bars, dots
COUNTS = """() => [...document.querySelectorAll('.plot')].map((plot) => {
  const spec = JSON.parse(plot.nextElementSibling.textContent);
  const paths = (mark) => [...plot.querySelectorAll(`.mark-${mark} path`)];
  const points = (path) => (path.getAttribute('d') || '').split(/[ML]/).length - 1;
  const lines = paths('line').reduce((sum, path) => sum + points(path), 0);
  const kind = spec.layer[0].mark.type;
  const figures = spec.datasets.figures;
  const open = figures.filter((figure) => figure.open).length;
  const single = figures.filter((figure) => (figure.open || figure.single) && !figure.alone).length;
  const alone = figures.filter((figure) => figure.alone).length;
  return {
    kind,
    expected: kind === 'line' ? [figures.length - alone, single + alone]
      : kind === 'bar' ? [figures.length + open] : [figures.length],
    drawn: kind === 'line' ? [lines, paths('symbol').length]
      : kind === 'bar' ? [paths('rect').length] : [paths('symbol').length],
  };
})"""


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


@contextmanager
def opened(
    browser: Browser, path: Path, ready: str = DRAWN, root: Path | None = None, **context: Any
) -> Iterator[Page]:
    """A page of a report once its charts are drawn. It may ask for nothing but the report's files,
    and has nothing to complain about. ready: what it has then. root: the report, if the page is
    not in its first folder."""
    page = browser.new_page(**context)
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        page.goto(path.as_uri())
        page.wait_for_selector(ready, state="attached")
        yield page
        assert complaints == []
        report = root or path.parent
        own = (report.as_uri(), report.resolve().as_uri(), "data:")
        foreign = [url for url in asked if not url.startswith(own)]
        assert foreign == []
    finally:
        page.close()


def exhibits(html: str) -> list[tuple[str, str]]:
    """The name of each exhibit of a page that has figures, with its query."""
    found = re.findall(r'href="data/([\w-]+)\.csv".*?<pre[^>]*>(.*?)</pre>', html, re.DOTALL)
    return [(name, unescape(query)) for name, query in found]


@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_from_disk_and_draws_every_figure(
    report: Path, browser: Browser, file: str
) -> None:
    with opened(browser, report / file) as page:
        for chart in page.evaluate(COUNTS):
            assert chart["drawn"] == chart["expected"], chart
    shared = sum(path.stat().st_size for path in (report / "assets").iterdir())
    assert (report / file).stat().st_size + shared < MOST_BYTES


@pytest.mark.parametrize("file", PAGES)
def test_a_page_fits_a_phone_and_paper(report: Path, browser: Browser, file: str) -> None:
    wider = "() => document.documentElement.scrollWidth - window.innerWidth"
    with opened(browser, report / file, viewport={"width": 375, "height": 700}) as page:
        assert page.evaluate(wider) <= 0
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print")
        assert page.evaluate(wider) <= 0
        assert not page.locator("nav").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file", PAGES)
def test_a_screen_reader_can_read_a_page(
    report: Path, browser: Browser, file: str, scheme: str
) -> None:
    with opened(browser, report / file, color_scheme=scheme) as page:
        for details in page.locator("details").all()[:4]:
            details.evaluate("element => { element.open = true; }")
        found = Axe().run(page, options={"preload": False}).response["violations"]
        serious = [
            (violation["id"], violation["nodes"][0]["html"][:200])
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]
        assert serious == []


@pytest.mark.parametrize("file", CHARTED)
def test_mouse_and_keyboard_read_figures_with_their_source(
    report: Path, browser: Browser, file: str
) -> None:
    """In California, where a month must not become the one before."""
    with opened(browser, report / file, timezone_id="America/Los_Angeles") as page:
        for exhibit in page.locator(".exhibit:has(.plot)").all():
            plot, reading = exhibit.locator(".plot").first, exhibit.locator(".reading")
            figures = json.loads(plot.evaluate("plot => plot.nextElementSibling.textContent"))[
                "datasets"
            ]["figures"]
            plot.scroll_into_view_if_needed()
            plot.hover()
            said = {figure["says"] for figure in figures}
            assert plot.locator(".tip").text_content() in said
            assert reading.text_content() in said
            plot.focus()
            plot.press("Home")
            assert reading.text_content() == figures[0]["says"]
            plot.press("End")
            assert reading.text_content() == figures[-1]["says"]
            plot.press("ArrowLeft")
            own = [one for one in figures if one.get("series") == figures[-1].get("series")]
            assert reading.text_content() == own[max(0, len(own) - 2)]["says"]
            assert re.match(
                r"[A-Z]\w+ \d{4}: |\d+ \w+ \d{4}: |\w+ year \d{4}: ", figures[0]["says"]
            )


@pytest.mark.parametrize("file", CHARTED)
def test_the_keyboard_reaches_all_that_can_be_used(
    report: Path, browser: Browser, file: str
) -> None:
    with opened(browser, report / file) as page:
        reached = set()
        for _ in range(page.evaluate(f"{USABLE}.length + 20")):
            page.keyboard.press("Tab")
            reached.add(page.evaluate(f"{USABLE}.indexOf(document.activeElement)"))
        usable = page.evaluate(f"{USABLE}.flatMap((e, n) => e.checkVisibility() ? [n] : [])")
        assert set(usable) <= reached


def test_the_ring_is_on_the_figure_that_is_read(report: Path, browser: Browser) -> None:
    with opened(browser, report / "revisions.html") as page:
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
    report: Path, browser: Browser, file: str
) -> None:
    with opened(browser, report / file) as page:
        for data in page.locator(".plot + script").all():
            figures = json.loads(data.text_content() or "")["datasets"]["figures"]
            in_series = [
                (figure["x"], figure.get("series")) for figure in figures if not figure.get("alone")
            ]
            if file != "revisions.html":  # a month may be compared in several pairs of releases
                assert len(set(in_series)) == len(in_series)


def test_the_scale_can_be_logarithmic(report: Path, browser: Browser) -> None:
    with opened(browser, report / "southwest.html") as page:
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
    with opened(browser, every_release_home / "report" / "data.html") as page:
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


@pytest.fixture
def builds(bundle_home: Path, tmp_path: Path) -> list[Build]:
    """Two builds of one home, each with its report; the later one's is the home's."""
    settings = Settings(tmp_path)
    [made] = sealed_builds(Settings(bundle_home).builds)
    copies = [settings.builds / name for name in ("20260101T000000Z-a", "20260102T000000Z-b")]
    for folder in copies:
        shutil.copytree(made.folder, folder)
        publish_report(Build(folder), settings, load_catalogue())
    return [Build(folder) for folder in copies]


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
