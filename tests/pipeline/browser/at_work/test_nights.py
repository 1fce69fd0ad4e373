"""What follows in the Dagster UI on decisions and on new files, by itself but for a few clicks."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orchestration.assets.release_metadata import ID_SHOWN
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from tests.conftest import run_command
from tests.pipeline.browser.at_work.new_files import write_night_after
from tests.pipeline.browser.pages import (
    LOCATION,
    POLL_SECONDS,
    RUN_SECONDS,
    asset_states,
    close_dialog,
    ended,
    held_releases,
    leave,
    releases_of,
    run_that_follows,
    started,
    succeeded,
    table_of,
    value_of,
)
from tests.pipeline.browser.serving import NEEDS_BROWSER, Server, wait
from tests.support.bad_night import DECISIONS, FAULTY, REFUSED, published
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST
from tests.support.published_file import ask, digests
from tests.support.ui_runs import StepsBegun, UiRun, runs, terminate
from tests.support.workbooks import DETENTION, MONTHLY_TABLES

pytestmark = NEEDS_BROWSER  # and long, as the home of the bad night is
PUBLISHED = "border_duckdb"


@dataclass(frozen=True)
class ShownRelease:
    """What an archive's page shows of a release that is held: what was found, the cells that
    moved, whether they fit into the window, and how to decide."""

    found: str
    moved: list[str]
    fits: bool
    commands: str


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


@pytest.fixture(scope="module")
def shown(server: Server, page: Page) -> dict[str, ShownRelease]:
    """What the UI shows of the faulty releases of the bad night, by dataset."""
    found = {}
    for dataset in FAULTY:
        name = f"held {held_releases(server)[dataset].release_id[:ID_SHOWN]}"
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
    held = held_releases(server)
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
    page.goto(f"{server.url}/{LOCATION}/jobs/decide/playground")
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
    [stored] = [r for r in releases_of(server, REFUSED.dataset) if r.release_id == release]
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
    [held] = releases_of(server, BY_STATE)
    assert ask(server.home, "select count(*) from raw.cbp_nationwide_encounters_by_state") == [(0,)]
    page.goto(f"{server.url}/assets/archive/{BY_STATE}")
    table = table_of(page, "every release")
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
    [refused] = [r for r in releases_of(server, SOUTHWEST) if r.verdict == "refused"]
    assert refused.reason is not None
    page.goto(f"{server.url}/assets/archive/{SOUTHWEST}")
    table = table_of(page, "every release")
    row = table.get_by_role("row").filter(has_text=refused.release_id[:ID_SHOWN])
    expect(row).to_contain_text(f"{refused.published}refused")
    why = value_of(page, "why").inner_text()
    close_dialog(page)
    assert refused.reason.partition(",")[0] in why


def _published(home: Path) -> tuple[str, dict[str, str]]:
    """The published build and the content digest of each of its tables."""
    [(build,)] = ask(home, "select build_id from meta.builds")
    return build, digests(home)
