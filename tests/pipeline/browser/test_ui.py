"""The Dagster UI in a real browser, as the data engineer reads it."""

import ipaddress
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orchestration.assets.release_metadata import ID_SHOWN
from tests.pipeline.browser.pages import (
    LOCATION,
    click,
    close_dialog,
    releases_of,
    table_of,
    value_of,
)
from tests.pipeline.browser.picture import show_graph
from tests.pipeline.browser.serving import NEEDS_BROWSER, Server, processes_of
from tests.support.cbp_files import SOUTHWEST
from tests.support.published_file import ask
from tests.support.ui_runs import runs

pytestmark = NEEDS_BROWSER
FACT, PUBLISHED = "fct_southwest_encounters", "border_duckdb"
MART = "southwest_border_monthly"
LANDING = "sources/landing"


def test_it_listens_on_loopback_only(server: Server) -> None:
    sockets = {
        link.readlink().name
        for pid in processes_of(server.home)
        for link in Path("/proc", str(pid), "fd").glob("*")
        if link.is_symlink()
    }
    listening = [
        (address, port)
        for table in ("tcp", "tcp6")
        for address, port, inode in _listening(Path("/proc/net", table))
        if f"socket:[{inode}]" in sockets
    ]
    assert server.port in [port for _, port in listening]
    assert all(address.is_loopback for address, _ in listening), listening


def test_the_graph_shows_the_groups_and_their_assets(server: Server, page: Page) -> None:
    assets = {
        "archive": "cbp_southwest_encounters",
        "facts": FACT,
        "marts": "southwest_border_monthly",
        "published": "border_duckdb",
    }
    size = page.viewport_size
    page.set_viewport_size({"width": 1400, "height": 4800})  # the list renders only visible rows
    show_graph(page, server, expanded=assets)
    for group in ("sources", "archive", "build", "raw", "staging", "facts", "marts", "published"):
        node = page.locator("svg foreignObject").filter(has_text=re.compile(f"^{group}"))
        expect(node).to_be_visible()
    for asset in assets.values():
        expect(page.get_by_title(asset, exact=True)).to_be_visible()
    if size is not None:
        page.set_viewport_size(size)


def test_an_asset_shows_its_description_columns_and_newest_months(
    server: Server, page: Page
) -> None:
    [(rows,)] = ask(server.home, f"select count(*) from {FACT}")
    newest = ask(
        server.home,
        f"select strftime(month, '%Y-%m'), sum(encounters)::bigint from {FACT}"
        " group by all order by 1 desc limit 12",
    )
    columns = ask(
        server.home,
        "select column_name, lower(data_type), comment from duckdb_columns()"
        f" where table_name = '{FACT}'",
    )
    page.goto(f"{server.url}/assets/{FACT}")
    expect(page.get_by_text("One row per month, component, demographic")).to_be_visible()
    expect(page.get_by_text("Owners").locator("..")).to_contain_text("borderledger")
    expect(page.get_by_text("Row count", exact=True).locator("..")).to_contain_text(f"{rows:,}")
    for name, kind, comment in columns:
        described = page.get_by_role("row").filter(has=page.get_by_role("cell", name=name))
        expect(described.filter(has_text=kind).filter(has_text=comment)).to_be_visible()
    shown = table_of(page, "newest months")
    for month, encounters in newest:
        expect(shown.get_by_role("row", name=f"{month} {encounters:,}")).to_be_visible()


def test_each_check_shows_its_result(server: Server, page: Page) -> None:
    results = ask(
        server.home,
        f'select "check", status from meta.gate_results where "table" = \'main.{FACT}\'',
    )
    [(rows,)] = ask(server.home, f"select count(*) from {FACT}")
    page.goto(f"{server.url}/assets/{FACT}")
    page.get_by_role("tab", name="Checks").click()
    expect(page.get_by_text(f"Checks ({len(results)})")).to_be_visible()
    for check, status in results:
        assert status == "passed"
        expect(page.get_by_title(check, exact=True).first).to_be_visible()
    page.get_by_title("row_count_to_be_between", exact=True).click()
    expect(page.get_by_text("The smallest release alone has more.")).to_be_visible()
    expect(page.get_by_text(f"Passed: observed {rows}.")).to_be_visible()
    for entry in ("expectation expect_table_row_count_to_be_between", f"observed value {rows}"):
        expect(page.get_by_role("row", name=entry)).to_be_visible()


def test_an_archive_shows_every_release_with_its_verdict(server: Server, page: Page) -> None:
    accepted = releases_of(server, "cbp_southwest_migration_pages")
    assert len(accepted) > 1
    page.goto(f"{server.url}/assets/archive/cbp_southwest_migration_pages")
    table = table_of(page, "every release")
    for release in accepted:
        row = table.get_by_role("row").filter(has_text=release.release_id[:ID_SHOWN])
        expect(row).to_contain_text(f"{release.published}accepted")


def test_the_schedule_is_on(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/automation")
    page.get_by_text("nightly_at_two").click()
    expect(page.get_by_role("row", name="Running").get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("row", name="Next tick")).to_contain_text("2:00:00 AM")
    expect(page.get_by_role("row", name="timezone")).to_contain_text("America/Los_Angeles")


def test_the_commands_runs_are_on_the_jobs_page_and_the_timeline(
    server: Server, page: Page
) -> None:
    [first, *_] = [
        run.run_id
        for run in runs(server.url).values()
        if run.job == "nightly" and "borderledger/command" in run.tags
    ]
    page.goto(f"{server.url}/{LOCATION}/jobs/nightly/runs")
    expect(page.get_by_role("link", name=first[:8])).to_be_visible()
    page.goto(f"{server.url}/overview/timeline")
    expect(page.get_by_text("nightly", exact=True).first).to_be_visible()


@pytest.mark.parametrize(
    ("job", "fields"),
    [
        ("nightly", ("landing: []", "offline: false")),
        ("build", ("loggers:",)),
        ("rebuild", ("as_of:",)),
        ("clean", ("dry_run: false",)),
        ("decide", ("decide_on_release:",)),
    ],
)
def test_a_launchpad_shows_the_jobs_defaults_and_no_path(
    job: str, fields: tuple[str, ...], server: Server, page: Page
) -> None:
    page.goto(f"{server.url}/{LOCATION}/jobs/{job}/playground")
    editor = page.locator(".CodeMirror").first
    for field in fields:
        expect(editor).to_contain_text(field)
    assert str(server.home.parent) not in editor.inner_text()


def test_claims_show_their_verdicts(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/claim_checks")
    page.get_by_role("cell", name="verdicts", exact=True).wait_for()
    verdicts = value_of(page, "verdicts")
    for verdict in ("supported", "contradicted", "not measurable"):
        expect(verdicts).to_contain_text(verdict)


def test_columns_say_where_they_come_from(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/{MART}")
    page.get_by_role("cell", name="where columns come from", exact=True).wait_for()
    said = value_of(page, "where columns come from")
    expect(said).to_contain_text("between_ports")
    expect(said).to_contain_text(f"{MART}_history")
    close_dialog(page)


@pytest.mark.parametrize("asset", [PUBLISHED, f"archive/{SOUTHWEST}", LANDING])
def test_freshness_is_shown(asset: str, server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/{asset}")
    expect(page.get_by_text("Freshness policy").first).to_be_visible()
    expect(page.get_by_text("since last materialization").first).to_be_visible()


def test_materialize_all_of_everything_offers_a_backfill(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/asset-groups")
    page.locator("button").filter(has_text="Materialize all (").click()
    expect(page.get_by_text("Launch runs to materialize")).to_be_visible()
    click(page, "Cancel")


def _listening(
    table: Path,
) -> Iterator[tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int, str]]:
    """(address, port, inode) of the listening sockets of /proc/net/tcp or tcp6."""
    for line in table.read_text().splitlines()[1:]:
        fields = line.split()
        address, port = fields[1].split(":")
        if fields[3] == "0A":
            words = [bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8)]
            yield ipaddress.ip_address(b"".join(words)), int(port, 16), fields[9]
