"""What the tests do on the UI's pages, and what they ask of it besides."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.review import review
from tests.pipeline.browser.serving import Server, wait
from tests.support.ui_runs import UiRun, ask, messages, runs, status

LOCATION = "locations/orchestration.definitions"
RUN_SECONDS = 300  # for a whole run beside others
POLL_SECONDS = 0.5
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
ASSETS = """query Assets($keys: [AssetKeyInput!]) { assetNodes(assetKeys: $keys) {
  assetKey { path } staleStatus assetMaterializations(limit: 1) { runId timestamp }
  assetChecksOrError { ... on AssetChecks { checks {
    name executionForLatestMaterialization { runId status evaluation { severity } } } } }
} }"""
TICKS = """query Ticks($sensor: String!) {
  sensorOrError(sensorSelector: { repositoryLocationName: "orchestration.definitions",
    repositoryName: "__repository__", sensorName: $sensor }) {
    ... on Sensor { sensorState { ticks(limit: 1) { status skipReason timestamp } } } }
}"""


@dataclass(frozen=True)
class AssetState:
    """What the UI shows of an asset in its lists and graphs.

    event: run and time of its latest materialization; None if it has none.
    checks: by name, the run, the status and the severity of the latest result.
    """

    stale: str
    event: tuple[str, str] | None
    checks: dict[str, tuple[str, str, str | None]]


def asset_states(server: Server, *names: str) -> dict[str, AssetState]:
    """The assets with these names, by name; every asset, which takes the UI seconds, if there is no
    name."""
    keys = [{"path": name.split("/")} for name in names] or None
    return {
        "/".join(node["assetKey"]["path"]): AssetState(
            node["staleStatus"],
            next(((e["runId"], e["timestamp"]) for e in node["assetMaterializations"]), None),
            {
                check["name"]: _result(check["executionForLatestMaterialization"])
                for check in node["assetChecksOrError"].get("checks", [])
            },
        )
        for node in ask(server.url, ASSETS, {"keys": keys})["assetNodes"]
    }


def _result(execution: dict[str, Any] | None) -> tuple[str, str, str | None]:
    if execution is None:
        return "", "NONE", None
    evaluation = execution["evaluation"] or {}
    return execution["runId"], execution["status"], evaluation.get("severity")


def last_tick(server: Server, sensor: str) -> dict[str, Any]:
    """A sensor's last tick: its status, and why it launched nothing."""
    found = ask(server.url, TICKS, {"sensor": sensor})["sensorOrError"]["sensorState"]["ticks"]
    return dict(found[0]) if found else {"timestamp": 0.0, "skipReason": None}


def run_that_follows(
    server: Server, known: set[str], which: Callable[[UiRun], bool] = lambda _: True
) -> UiRun:
    """Wait for a run that is not known. Fails if none is launched."""

    def found() -> list[UiRun]:
        return [run for run in runs(server.url).values() if run.run_id not in known and which(run)]

    assert wait(lambda: bool(found()), RUN_SECONDS, every=POLL_SECONDS), runs(server.url)
    return found()[-1]


def started(server: Server, run_id: str) -> None:
    """Wait until a run executes steps."""
    has_started = wait(lambda: status(server.url, run_id) == "STARTED", RUN_SECONDS)
    assert has_started, runs(server.url)[run_id]


def ended(server: Server, run_id: str) -> UiRun:
    """Wait for the end of a run."""
    has_ended = wait(lambda: status(server.url, run_id) in ENDED, RUN_SECONDS, every=POLL_SECONDS)
    assert has_ended, runs(server.url)[run_id]
    return runs(server.url)[run_id]


def succeeded(server: Server, run_id: str) -> UiRun:
    """Wait for the end of a run, which must be a success."""
    run = ended(server, run_id)
    assert run.status == "SUCCESS", messages(server.url, run_id)
    return run


def leave(page: Page) -> None:
    """Show nothing while a run is waited for: drawing each of its events takes the browser and the
    UI longer than the run itself."""
    page.goto("about:blank")


def click(page: Page, text: str) -> None:
    """Click the button with this text, whatever icon stands before it."""
    page.locator("button").filter(has_text=re.compile(f"^{re.escape(text)}$")).first.click()


def click_and_follow(server: Server, page: Page, *texts: str) -> UiRun:
    """Click buttons, the last of which launches a run, and wait for its success."""
    known = set(runs(server.url))
    for text in texts:
        click(page, text)
    launched = run_that_follows(server, known)
    leave(page)
    return succeeded(server, launched.run_id)


def value_of(page: Page, key: str) -> Locator:
    """The value of an entry of an asset's metadata; a long text in the dialog that shows it."""
    entry = _entry_of(page, key)
    expect(entry).to_have_count(1)
    page.wait_for_load_state("networkidle")  # what comes late draws the page anew
    opener = entry.get_by_text("[Show Markdown]")
    if not opener.count():
        return entry
    dialog = page.get_by_role("dialog")
    opener.click()
    dialog.wait_for()
    return dialog


def _entry_of(page: Page, key: str) -> Locator:
    """An entry of an asset's metadata."""
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=key, exact=True))


def table_of(page: Page, key: str) -> Locator:
    """The value of an entry of an asset's metadata that is a table."""
    return _entry_of(page, key).get_by_role("table")


def close_dialog(page: Page) -> None:
    if page.get_by_role("dialog").count():
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def listed_check(page: Page, name: str) -> Locator:
    """A check's entry in the list of the Checks tab: its name and its status."""
    title = page.get_by_text(name, exact=True).first
    return title.locator("xpath=ancestor::*[contains(., 'Failed') or contains(., 'Succeeded')][1]")


def held_releases(server: Server) -> dict[str, Release]:
    """By dataset, the release that waits for a decision."""
    waiting = review(Archive(server.home / "archive")).waiting()
    return {release.dataset: release for release in waiting}


def releases_of(server: Server, dataset: str) -> list[Release]:
    """A dataset's releases in the archive of the UI's home."""
    found = Archive(server.home / "archive").releases()
    return [release for release in found if release.dataset == dataset]
