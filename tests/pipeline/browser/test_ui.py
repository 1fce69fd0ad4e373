"""The Dagster UI in a real browser, as the data engineer uses it."""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.pipeline.browser.picture import show_graph
from tests.pipeline.browser.serving import CHROMIUM, Server, processes_of, wait
from tests.support.bad_night import DECISIONS, FAULTY, REFUSED, published
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST
from tests.support.published_file import digests
from tests.support.workbooks import DETENTION, MONTHLY_TABLES

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser, and found no chromium on the PATH"
)
FACT = "fct_southwest_encounters"
FORCED = "ops: {build: {config: {force: true}}}"
RUN_SECONDS = 240
ENDED = ("SUCCESS", "FAILURE", "CANCELED")


@dataclass(frozen=True)
class Launched:
    """A run launched from the UI: the published builds before and after it, and the tables whose
    content changed."""

    before: str
    after: str
    changed: set[str]


@dataclass(frozen=True)
class ShownRelease:
    """What an archive's page shows of a release: its row, what was found, how to decide, and its
    cells that moved."""

    row: str
    found: str
    how_to_decide: str
    moved: list[str]


@pytest.fixture(scope="module")
def shown(server: Server, page: Page) -> dict[str, ShownRelease]:
    """What the UI shows of the faulty releases of the bad night, by dataset."""
    found = {}
    for dataset in FAULTY:
        release = _held(server.home)[dataset].release_id
        held = f"held {release[:ID_SHOWN]}"
        page.goto(f"{server.url}/assets/archive/{dataset}")
        row = _release_row(page, release)
        expect(row).to_have_count(1)
        texts = (_text(page, held), _text(page, f"{held}: how to decide"))
        moved = _moved_rows(page, f"{held}: cells that moved")
        found[dataset] = ShownRelease(row.inner_text(), *texts, moved)
    return found


@pytest.fixture(scope="module")
def decided(shown: dict[str, ShownRelease], server: Server, page: Page) -> dict[str, Release]:
    """The releases of the bad night that are decided on, by dataset: one of them in the form of the
    job `decide`, the others by the commands, while the UI runs."""
    held = _held(server.home)
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
    run = page.url.rstrip("/").rpartition("/")[2]
    assert wait(lambda: _status(page, server, run) in ENDED, RUN_SECONDS, every=0.5)
    assert _status(page, server, run) == "SUCCESS"
    for decision in DECISIONS:
        arguments = (decision.command, held[decision.dataset].release_id, *decision.options)
        run_command(server.home, *arguments, "--reason", "a test", "--by", "Grace")
    return held


@pytest.fixture(scope="module")
def launched(decided: dict[str, Release], server: Server, page: Page) -> Launched:
    """The job of the night after, launched from its launchpad in the UI: one release has failed a
    gate and is held, and the daemon has repeated the run without it, which has succeeded."""
    before, old = _published(server.home)
    page.goto(f"{server.url}/jobs")
    page.get_by_text("nightly", exact=True).click()
    page.get_by_role("button", name="Materialize all").wait_for()
    page.get_by_role("button", name="arrow_drop_down", exact=True).click()
    page.get_by_role("menuitem", name="Open launchpad").click()
    launchpad = page.get_by_role("dialog").filter(has_text="Launchpad")
    editor = launchpad.locator(".CodeMirror").first
    expect(editor).to_contain_text("force")
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(FORCED)
    expect(editor).to_have_text(re.compile(re.escape(FORCED)))
    expect(launchpad.get_by_text("No errors")).to_be_visible()
    launchpad.get_by_role("button", name="Materialize").click()
    page.wait_for_url("**/runs/*")
    run = page.url
    page.goto("about:blank")  # drawing each event takes the browser longer than the run itself
    first = run.rstrip("/").rpartition("/")[2]
    assert wait(lambda: _status(page, server, first) in ENDED, RUN_SECONDS, every=0.5)
    assert _status(page, server, first) == "FAILURE"
    assert wait(lambda: bool(_repeats(page, server, first)), RUN_SECONDS, every=0.5)
    [repeat] = _repeats(page, server, first)
    assert wait(lambda: _status(page, server, repeat) in ENDED, RUN_SECONDS, every=0.5)
    page.goto(f"{server.url}/runs/{repeat}")
    expect(page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first).to_have_text(
        "Success"
    )
    after, new = _published(server.home)
    return Launched(
        before, after, {table for table in old | new if old.get(table) != new.get(table)}
    )


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
    page.set_viewport_size({"width": 1400, "height": 2400})  # the list renders only visible rows
    show_graph(page, server, expanded=assets)
    for group in ("archive", "build", "raw", "staging", "facts", "marts", "published"):
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
    for entry in (
        "expectation expect_table_row_count_to_be_between",
        f"observed value {rows}",
        "rule at least 600 rows.",
        f"suite expectations/main.{FACT}.yaml",
    ):
        expect(page.get_by_role("row", name=entry)).to_be_visible()


def test_an_archive_shows_every_release_with_its_verdict(server: Server, page: Page) -> None:
    accepted = _releases(server.home, "cbp_southwest_migration_pages")
    assert len(accepted) > 1
    page.goto(f"{server.url}/assets/archive/cbp_southwest_migration_pages")
    for release in accepted:
        row = _release_row(page, release.release_id)
        expect(row).to_contain_text(f"{release.published}accepted")


def test_the_schedule_is_on(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/automation")
    page.get_by_text("nightly_at_two").click()
    expect(page.get_by_role("row", name="Running").get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_role("row", name="Next tick")).to_contain_text("2:00:00 AM")
    expect(page.get_by_role("row", name="timezone")).to_contain_text("America/Los_Angeles")


def test_a_launched_run_publishes_a_build_in_which_only_the_new_data_differ(
    launched: Launched,
) -> None:
    assert launched.after != launched.before
    assert launched.changed == {
        "raw.cbp_nationwide_encounters_by_area",
        "main.fct_encounters_by_release",
        "main.fct_encounters",
        "main.demographic_names_by_release",
        "main.revision_summary",
        "main.dim_release",
    }


@pytest.mark.parametrize("dataset", FAULTY)
def test_a_held_release_is_shown_with_what_was_found_and_the_cells_that_moved(
    dataset: str, shown: dict[str, ShownRelease]
) -> None:
    expected, found = FAULTY[dataset], shown[dataset]
    assert expected.sentence in found.found
    for command in ("accept", "refuse"):
        assert f"borderledger {command} " in found.how_to_decide
    assert len(found.moved) == expected.cells
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
    launched: Launched,
    decided: dict[str, Release],
    server: Server,
    page: Page,
) -> None:
    release = decided[dataset].release_id
    page.goto(f"{server.url}/assets/archive/{dataset}")
    key = f"held {release[:ID_SHOWN]}" if dataset == MONTHLY_TABLES else "why"
    assert reason in _text(page, key)


def test_the_night_after_publishes_what_was_decided(
    launched: Launched, decided: dict[str, Release], server: Server
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
    launched: Launched, server: Server, page: Page
) -> None:
    [held] = _releases(server.home, BY_STATE)
    assert _query(server.home, "select count(*) from raw.cbp_nationwide_encounters_by_state") == [
        (0,)
    ]
    page.goto(f"{server.url}/assets/archive/{BY_STATE}")
    expect(_release_row(page, held.release_id)).to_contain_text(f"{held.published}held")
    shown = _text(page, f"held {held.release_id[:ID_SHOWN]}")
    assert "held by a gate: main.fct_encounters_by_state" in shown


def test_a_launched_run_reads_the_landing_folder(
    launched: Launched, server: Server, page: Page
) -> None:
    [refused] = [r for r in _releases(server.home, SOUTHWEST) if r.verdict == "refused"]
    assert refused.reason is not None
    page.goto(f"{server.url}/assets/archive/{SOUTHWEST}")
    row = _release_row(page, refused.release_id)
    expect(row).to_contain_text(f"{refused.published}refused")
    assert refused.reason.removeprefix(f"{refused.file_name}: ") in _text(page, "why")


def _status(page: Page, server: Server, run_id: str) -> str:
    query = f'{{ runOrError(runId: "{run_id}") {{ ... on Run {{ status }} }} }}'
    return str(_asked(page, server, query)["runOrError"]["status"])


def _repeats(page: Page, server: Server, run_id: str) -> list[str]:
    """The runs by which Dagster's daemon has repeated a run."""
    tags = f'{{key: "dagster/parent_run_id", value: "{run_id}"}}'
    query = (
        f"{{ runsOrError(filter: {{tags: [{tags}]}}) {{ ... on Runs {{ results {{ runId }} }} }} }}"
    )
    return [run["runId"] for run in _asked(page, server, query)["runsOrError"]["results"]]


def _asked(page: Page, server: Server, query: str) -> Any:
    return page.request.post(f"{server.url}/graphql", data={"query": query}).json()["data"]


def _entry(page: Page, key: str) -> Locator:
    """An entry of an asset's metadata."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=key, exact=True))


def _metadata(page: Page, key: str) -> Locator:
    """The table that is the value of an entry of an asset's metadata."""
    return _entry(page, key).get_by_role("table")


def _release_row(page: Page, release: str) -> Locator:
    """The row of a release in an archive's table of all."""
    return _metadata(page, "every release").get_by_role("row").filter(has_text=release[:ID_SHOWN])


def _text(page: Page, key: str) -> str:
    """The text of an entry of an asset's metadata; a long one is in a dialog."""
    with _opened(page, key) as place:
        return place.inner_text()


def _moved_rows(page: Page, key: str) -> list[str]:
    """The rows of the cells that moved; none if there is no such entry."""
    if _entry(page, key).count() == 0:
        return []
    with _opened(page, key) as place:
        return place.locator("tbody tr").all_inner_texts()


@contextmanager
def _opened(page: Page, key: str) -> Iterator[Locator]:
    """The place that shows an entry of an asset's metadata: the page, or a dialog."""
    entry = _entry(page, key)
    entry.wait_for()
    opener = entry.get_by_text("[Show Markdown]")
    if opener.count() == 0:
        yield entry
        return
    opener.click()
    yield page.get_by_role("dialog")
    page.get_by_role("button", name="Close", exact=True).click()


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
