"""The Dagster UI in a real browser, as the data engineer uses it."""

import ipaddress
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Locator, Page, expect

from orchestration.assets.release_metadata import ID_SHOWN
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.review import review
from tests.conftest import run_command
from tests.pipeline.browser.conftest import write_night_after
from tests.pipeline.browser.pages import (
    POLL_SECONDS,
    RUN_SECONDS,
    asset_states,
    close_dialog,
    ended,
    leave,
    run_that_follows,
    started,
    succeeded,
    value_of,
)
from tests.pipeline.browser.picture import show_graph
from tests.pipeline.browser.serving import CHROMIUM, Server, processes_of, wait
from tests.support.bad_night import DECISIONS, FAULTY, REFUSED, published
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST
from tests.support.published_file import digests
from tests.support.ui_runs import StepsBegun, UiRun, runs, terminate
from tests.support.workbooks import DETENTION, MONTHLY_TABLES

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser, and found no chromium on the PATH"
)
FACT, PUBLISHED = "fct_southwest_encounters", "border_duckdb"


@dataclass(frozen=True)
class Followed:
    """What followed on a decision and on new files, by itself but for a few clicks: a build, which
    was cancelled; a run of nightly; a build that failed a gate; its repeat, which was killed and
    continued from its page.

    cancelled, nightly, failed, killed, continued: these runs.
    before, after: the published builds before and after all. changed: tables whose content differs.
    published_before, published_then, published_after: the published file's event before the new
    files came, when the build with them had failed, and after all.
    """

    cancelled: UiRun
    nightly: UiRun
    failed: UiRun
    killed: UiRun
    continued: UiRun
    before: str
    after: str
    changed: set[str]
    published_before: tuple[str, str] | None
    published_then: tuple[str, str] | None
    published_after: tuple[str, str] | None


@dataclass(frozen=True)
class ShownRelease:
    """What an archive's page shows of a release that is held: what was found, the cells that
    moved, whether they fit into the window, and how to decide."""

    found: str
    moved: list[str]
    fits: bool
    commands: str


@pytest.fixture(scope="module")
def shown(server: Server, page: Page) -> dict[str, ShownRelease]:
    """What the UI shows of the faulty releases of the bad night, by dataset."""
    found = {}
    for dataset in FAULTY:
        name = f"held {_held(server.home)[dataset].release_id[:ID_SHOWN]}"
        page.goto(f"{server.url}/assets/archive/{dataset}")
        page.get_by_role("cell", name="every release", exact=True).wait_for()
        sentence = value_of(page, name).inner_text()
        close_dialog(page)
        commands = value_of(page, f"{name}: how to decide").inner_text()
        moved, fits = [], True
        if page.get_by_role("cell", name=f"{name}: cells that moved", exact=True).count():
            cells = value_of(page, f"{name}: cells that moved")
            moved = cells.locator("tbody tr").all_inner_texts()
            table = cells.locator("table").last
            fits = bool(table.evaluate("t => t.getBoundingClientRect().right <= innerWidth"))
        close_dialog(page)
        found[dataset] = ShownRelease(sentence, moved, fits, commands)
    return found


@pytest.fixture(scope="module")
def decided(shown: dict[str, ShownRelease], server: Server, page: Page) -> dict[str, Release]:
    """The releases of the bad night that are decided on, by dataset: first by the commands, while
    the UI runs, and one of them in the form of the job `decide`."""
    held = _held(server.home)
    for decision in DECISIONS:
        arguments = (decision.command, held[decision.dataset].release_id, *decision.options)
        run_command(server.home, *arguments, "--reason", "a test", "--by", "Grace")
    form = f"""ops:
  decide_on_release:
    config:
      release_id: {held[REFUSED.dataset].release_id}
      decision: {REFUSED.command.upper()}
      reason: CBP has published another one since
      by: Ada
"""
    page.goto(f"{server.url}/locations/orchestration.definitions/jobs/decide/playground")
    editor = page.locator(".CodeMirror").first
    expect(editor).to_contain_text("decide_on_release")
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(form)
    page.get_by_role("button", name="Launch Run").click()
    page.wait_for_url("**/runs/*")
    launched = page.url.rstrip("/").rpartition("/")[2]
    leave(page)
    succeeded(server, launched)
    return held


@pytest.fixture(scope="module")
def followed(decided: dict[str, Release], server: Server, page: Page) -> Followed:
    """What followed on the decision, and then on files in the landing folder."""
    before, old = _published(server.home)
    cancelled = _cancelled(server)
    published_before = _event_of_published(server)
    known = set(runs(server.url))
    write_night_after(server.landing)
    nightly = run_that_follows(server, known, lambda run: run.job == "nightly")
    nightly = succeeded(server, nightly.run_id)
    failed = run_that_follows(server, known, lambda run: run.job == "build")
    failed = ended(server, failed.run_id)
    published_then = _event_of_published(server)
    killed = _killed(server, known | {failed.run_id, nightly.run_id})
    continued = _continued(server, page, killed)
    after, new = _published(server.home)
    changed = {table for table in old | new if old.get(table) != new.get(table)}
    return Followed(
        cancelled,
        nightly,
        failed,
        killed,
        continued,
        before,
        after,
        changed,
        published_before,
        published_then,
        published_after=_event_of_published(server),
    )


def _cancelled(server: Server) -> UiRun:
    """The build that follows on a decision, cancelled once it has started: the next one publishes
    the decision too."""
    builds = {run.run_id for run in runs(server.url).values() if run.job == "build"}
    build = run_that_follows(server, builds, lambda run: run.job == "build")
    started(server, build.run_id)
    terminate(server.url, build.run_id)
    return ended(server, build.run_id)


def _killed(server: Server, known: set[str]) -> UiRun:
    """The repeat of the build that failed, killed while it makes the marts."""
    build = run_that_follows(server, known)
    begun = StepsBegun(server.url, build.run_id)
    is_there = wait(lambda: "marts" in begun.look(), RUN_SECONDS, every=POLL_SECONDS)
    assert is_there, runs(server.url)[build.run_id]
    os.kill(runs(server.url)[build.run_id].process, signal.SIGKILL)
    return ended(server, build.run_id)


def _continued(server: Server, page: Page, killed: UiRun) -> UiRun:
    """The run that continues a killed one, launched from the page of that one."""
    known = set(runs(server.url))
    page.goto(f"{server.url}/runs/{killed.run_id}")
    again = page.locator("button").filter(has_text="Re-execute all")
    again.locator("xpath=following::button[1]").click()  # opens the menu beside it
    page.get_by_role("menuitem", name="From failure").click()
    continued = run_that_follows(server, known)
    leave(page)
    return succeeded(server, continued.run_id)


def _event_of_published(server: Server) -> tuple[str, str] | None:
    return asset_states(server, PUBLISHED)[PUBLISHED].event


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
    [(rows,)] = _query(server.home, f"select count(*) from {FACT}")
    newest = _query(
        server.home,
        f"select strftime(month, '%Y-%m'), sum(encounters)::bigint from {FACT}"
        " group by all order by 1 desc limit 12",
    )
    columns = _query(
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
    shown = _metadata(page, "newest months")
    for month, encounters in newest:
        expect(shown.get_by_role("row", name=f"{month} {encounters:,}")).to_be_visible()


def test_each_check_shows_its_result(server: Server, page: Page) -> None:
    results = _query(
        server.home,
        f'select "check", status from meta.gate_results where "table" = \'main.{FACT}\'',
    )
    [(rows,)] = _query(server.home, f"select count(*) from {FACT}")
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
    accepted = _releases(server.home, "cbp_southwest_migration_pages")
    assert len(accepted) > 1
    page.goto(f"{server.url}/assets/archive/cbp_southwest_migration_pages")
    table = _metadata(page, "every release")
    for release in accepted:
        row = table.get_by_role("row").filter(has_text=release.release_id[:ID_SHOWN])
        expect(row).to_contain_text(f"{release.published}accepted")


def test_the_schedule_is_on(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/automation")
    page.get_by_text("nightly_at_two").click()
    expect(page.get_by_role("row", name="Running").get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("row", name="Next tick")).to_contain_text("2:00:00 AM")
    expect(page.get_by_role("row", name="timezone")).to_contain_text("America/Los_Angeles")


def test_what_followed_publishes_a_build_in_which_only_the_new_data_differ(
    followed: Followed,
) -> None:
    assert followed.after != followed.before
    assert followed.changed == {
        "raw.cbp_nationwide_encounters_by_area",
        "main.fct_encounters_by_release",
        "main.fct_encounters",
        "main.encounters_by_area_by_fiscal_year",
        "main.encounters_by_citizenship_by_fiscal_year",
        "main.encounters_by_demographic_by_fiscal_year",
        "main.demographic_names_by_release",
        "main.measures",
        "main.revision_summary",
        "main.dim_release",
    }


@pytest.mark.parametrize("dataset", FAULTY)
def test_a_held_release_is_shown_with_what_was_found_and_the_cells_that_moved(
    dataset: str, shown: dict[str, ShownRelease]
) -> None:
    expected, found = FAULTY[dataset], shown[dataset]
    assert expected.sentence in found.found
    assert "borderledger accept" in found.commands
    assert "borderledger refuse" in found.commands
    assert len(found.moved) == expected.cells
    assert found.fits
    if expected.moved is not None:
        period, labels, before, after = expected.moved
        [cell, *_] = [row for row in found.moved if period in row and labels in row]
        for text in (f"{before:,}", f"{after:,}", f"{after - before:+,}"):
            assert text in cell.split()


def test_a_person_decides_on_a_held_release_in_a_form(
    decided: dict[str, Release], server: Server
) -> None:
    release = decided[REFUSED.dataset].release_id
    [stored] = [r for r in _releases(server.home, REFUSED.dataset) if r.release_id == release]
    assert [(d.verdict, d.by) for d in stored.decisions] == [("refused", "Ada")]


def test_a_killed_build_is_continued_from_its_page_and_published(
    followed: Followed, server: Server
) -> None:
    assert followed.killed.status == "FAILURE"
    assert "facts" not in followed.continued.steps
    assert set(followed.continued.steps) >= {"marts", "gates_after_marts", "sealed_build"}
    assert followed.published_after is not None
    assert followed.published_after[0] == followed.continued.run_id


def test_a_decision_starts_a_build_which_can_be_cancelled(followed: Followed) -> None:
    assert followed.cancelled.tags["dagster/sensor_name"] == "build_when_new"
    assert followed.cancelled.status == "CANCELED"


def test_files_in_the_landing_folder_are_archived_and_a_build_starts(followed: Followed) -> None:
    assert followed.nightly.tags["dagster/sensor_name"] == "landing_folders"
    assert followed.failed.tags["dagster/sensor_name"] == "build_when_new"


def test_a_failed_gate_leaves_the_published_file_green(followed: Followed) -> None:
    assert followed.failed.status == "FAILURE"
    assert followed.failed.steps["gates_after_facts"] == "FAILURE"
    assert followed.published_before is not None
    assert followed.published_then == followed.published_before


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (SOUTHWEST, "refused by Ada on "),
        (BY_AREA, "accepted by Grace on "),
        (DETENTION, "withdrawn by Grace on "),
        (MONTHLY_TABLES, "held in part, removals_by_citizenship: "),
    ],
)
def test_the_night_after_shows_what_was_decided(
    dataset: str,
    reason: str,
    followed: Followed,
    decided: dict[str, Release],
    server: Server,
    page: Page,
) -> None:
    release = decided[dataset].release_id
    page.goto(f"{server.url}/assets/archive/{dataset}")
    page.get_by_role("cell", name="every release", exact=True).wait_for()
    is_waiting = dataset == MONTHLY_TABLES
    said = value_of(page, f"held {release[:ID_SHOWN]}" if is_waiting else "why").inner_text()
    close_dialog(page)
    assert release in said or is_waiting
    assert reason in said


def test_the_night_after_publishes_what_was_decided(
    followed: Followed, decided: dict[str, Release], server: Server
) -> None:
    accepted = [r for r in Archive(server.home / "archive").releases() if r.verdict == "accepted"]
    sound = {r.dataset: r.release_id for r in reversed(accepted)}  # the first of each dataset
    assert published(server.home) == {
        SOUTHWEST: (True, sound[SOUTHWEST]),
        BY_AREA: ("2025-09-01", decided[BY_AREA].release_id),
        DETENTION: (271_484, [sound[DETENTION]]),
        MONTHLY_TABLES: ("2024-11-01", sound[MONTHLY_TABLES], 0),
    }


def test_a_release_that_fails_a_gate_is_held_by_it_and_the_run_repeated_without_it(
    followed: Followed, server: Server, page: Page
) -> None:
    [held] = _releases(server.home, BY_STATE)
    assert _query(server.home, "select count(*) from raw.cbp_nationwide_encounters_by_state") == [
        (0,)
    ]
    page.goto(f"{server.url}/assets/archive/{BY_STATE}")
    table = _metadata(page, "every release")
    row = table.get_by_role("row").filter(has_text=held.release_id[:ID_SHOWN])
    expect(row).to_contain_text(f"{held.published}held")
    said = value_of(page, f"held {held.release_id[:ID_SHOWN]}").inner_text()
    close_dialog(page)
    assert "held by a gate: main.fct" in said
    archive = f"archive/{BY_STATE}"
    checks = asset_states(server, archive)[archive].checks
    assert checks["nothing_is_held"][1] == "FAILED"


def test_a_refused_file_is_shown_with_its_reason(
    followed: Followed, server: Server, page: Page
) -> None:
    [refused] = [r for r in _releases(server.home, SOUTHWEST) if r.verdict == "refused"]
    assert refused.reason is not None
    page.goto(f"{server.url}/assets/archive/{SOUTHWEST}")
    table = _metadata(page, "every release")
    row = table.get_by_role("row").filter(has_text=refused.release_id[:ID_SHOWN])
    expect(row).to_contain_text(f"{refused.published}refused")
    why = value_of(page, "why").inner_text()
    close_dialog(page)
    assert refused.reason.partition(",")[0] in why


def _metadata(page: Page, key: str) -> Locator:
    """The value of an entry of an asset's metadata."""
    entry = page.get_by_role("row").filter(has=page.get_by_role("cell", name=key, exact=True))
    return entry.get_by_role("table")


def _held(home: Path) -> dict[str, Release]:
    """By dataset, the release that waits for a decision."""
    return {release.dataset: release for release in review(Archive(home / "archive")).waiting()}


def _releases(home: Path, dataset: str) -> list[Release]:
    found = Archive(home / "archive").releases()
    return [release for release in found if release.dataset == dataset]


def _published(home: Path) -> tuple[str, dict[str, str]]:
    """The published build and the content digest of each of its tables."""
    [(build,)] = _query(home, "select build_id from meta.builds")
    return build, digests(home)


def _query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


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
