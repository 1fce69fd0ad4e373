"""What an engineer clicks in the Dagster UI, on a home that has published: trials, checks, one
release, a build as of a day, a quiet night, a rollback. In order; each goes on from the last."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from orchestration.releases.archive import Archive
from tests.conftest import run_command
from tests.pipeline.browser.at_work.new_files import write_refused
from tests.pipeline.browser.pages import (
    ENDED,
    LOCATION,
    POLL_SECONDS,
    RUN_SECONDS,
    AssetState,
    asset_states,
    click_and_follow,
    last_tick,
    leave,
    listed_check,
    run_that_follows,
    succeeded,
    value_of,
)
from tests.pipeline.browser.serving import NEEDS_BROWSER, Server, wait
from tests.support.cbp_files import SOUTHWEST
from tests.support.ui_runs import runs

pytestmark = NEEDS_BROWSER  # and long, as the home of the bad night is
FACT, PUBLISHED, LANDING = "fct_southwest_encounters", "border_duckdb", "sources/landing"
MART, WARNING = "southwest_border_monthly", "split_agrees"
TICK_SECONDS = 60
NOTHING_NEW = "Nothing is new since build"


@pytest.fixture(scope="module")
def refused(server: Server) -> None:
    """A refused file in the archive; of a night of its own if `test_nights` has put none there."""
    if any(release.verdict == "refused" for release in Archive(server.home / "archive").releases()):
        return
    known = set(runs(server.url))
    write_refused(server.landing)
    night = run_that_follows(server, known, lambda run: run.job == "nightly")
    succeeded(server, night.run_id)
    known.add(night.run_id)

    def settled() -> bool:
        """Whether the build that may follow has ended, or the sensor has said that none does."""
        following = [run.status for run_id, run in runs(server.url).items() if run_id not in known]
        if following:
            return all(status in ENDED for status in following)
        return NOTHING_NEW in (last_tick(server, "build_when_new")["skipReason"] or "")

    assert wait(settled, RUN_SECONDS, every=POLL_SECONDS), runs(server.url)


@pytest.fixture(scope="module")
def quiet(
    refused: None, server: Server, page: Page
) -> Iterator[tuple[dict[str, AssetState], set[str]]]:
    """The assets before a night on which nothing is new but the landing folder is gone, and the
    runs that there are then, launched from the page of the job."""
    before = asset_states(server)
    aside = server.landing.rename(server.landing.with_name("aside"))
    page.goto(f"{server.url}/{LOCATION}/jobs/nightly")
    click_and_follow(server, page, "Materialize all")
    yield before, set(runs(server.url))
    aside.rename(server.landing)


def test_a_failed_check_shows_its_rule_the_count_and_the_rows(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/{MART}?view=checks&checkDetail={WARNING}")
    expect(page.get_by_text("is within 1 percent").first).to_be_visible()
    expect(page.get_by_text("this query finds no row").first).to_be_visible()
    expect(page.get_by_text(f"expectations/main.{MART}.yaml").first).to_be_visible()
    expect(page.get_by_text("Rows that break the rule: 10.").first).to_be_visible()
    expect(page.get_by_role("row", name="unexpected count 10")).to_be_visible()
    for column in ("month", "between_ports", "split_total"):
        expect(page.get_by_role("columnheader", name=column, exact=True)).to_be_visible()


def test_to_materialize_one_fact_tries_it_and_publishes_nothing(server: Server, page: Page) -> None:
    before = asset_states(server, PUBLISHED)[PUBLISHED]
    page.goto(f"{server.url}/assets/{FACT}")
    run = click_and_follow(server, page, "Materialize")
    assert set(run.steps) == {"facts", "gates_after_facts"}
    page.goto(f"{server.url}/assets/{FACT}")
    page.get_by_role("cell", name="trial", exact=True).wait_for()
    expect(value_of(page, "trial")).to_contain_text("it is not published")
    after = asset_states(server, PUBLISHED, FACT)
    assert after[PUBLISHED] == before
    made = after[FACT].event
    assert made is not None
    assert made[0] == run.run_id


def test_to_materialize_a_group_tries_it(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/{LOCATION}/asset-groups/marts")
    before = asset_states(server, PUBLISHED)[PUBLISHED]
    run = click_and_follow(server, page, "Materialize all")
    assert set(run.steps) == {"marts", "gates_after_marts", "claims", "gates_after_claims"}
    after = asset_states(server)
    made = {name for name, state in after.items() if state.event and state.event[0] == run.run_id}
    assert {"southwest_border_monthly", "claim_checks", "san_diego_local_impact"} <= made
    assert after[PUBLISHED] == before


def test_one_check_or_all_can_be_executed(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/{FACT}?view=checks&checkDetail=row_count_to_be_between")
    one = click_and_follow(server, page, "Execute")
    executed = asset_states(server, FACT)[FACT].checks
    assert [name for name, (run, *_) in executed.items() if run == one.run_id] == [
        "row_count_to_be_between"
    ]
    page.goto(f"{server.url}/assets/{FACT}?view=checks")
    every = click_and_follow(server, page, "Execute all")
    executed = asset_states(server, FACT)[FACT].checks
    assert {(run, status) for run, status, _ in executed.values()} == {(every.run_id, "SUCCEEDED")}


def test_to_materialize_a_partition_reads_that_release_again(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/assets/archive/{SOUTHWEST}?view=partitions")
    page.get_by_text("2025-10_").first.click()
    expect(page.get_by_text("accepted", exact=True).first).to_be_visible()
    expect(page.get_by_text("Unsynced")).to_have_count(0)
    run = click_and_follow(server, page, "Materialize…", "Launch 1 run")
    assert run.tags["dagster/partition"].startswith("2025-10_")


def test_a_build_as_of_a_day_adds_nothing_to_any_asset(server: Server, page: Page) -> None:
    before = asset_states(server)
    page.goto(f"{server.url}/{LOCATION}/jobs/rebuild/playground")
    expect(page.locator(".CodeMirror").first).to_contain_text("as_of:")
    known = set(runs(server.url))
    page.get_by_role("button", name="Launch Run").click()
    launched = run_that_follows(server, known)
    leave(page)
    succeeded(server, launched.run_id)
    assert asset_states(server) == before


def test_a_quiet_night_leaves_the_results_of_the_night_before(
    quiet: tuple[dict[str, AssetState], set[str]], server: Server, page: Page
) -> None:
    before, known = quiet
    after = asset_states(server)
    looked_at = {name for name in after if name.startswith("sources/")}
    for name in after.keys() - looked_at:
        assert after[name].event == before[name].event, name
        assert after[name].stale == before[name].stale, name
        if not name.startswith("archive/"):
            assert after[name].checks == before[name].checks, name
    quiet_tick = wait(
        lambda: (
            NOTHING_NEW in (last_tick(server, "build_when_new")["skipReason"] or "")
            or "No run has finished" in (last_tick(server, "build_when_new")["skipReason"] or "")
        ),
        TICK_SECONDS,
        every=0.5,
    )
    assert quiet_tick, last_tick(server, "build_when_new")
    assert set(runs(server.url)) == known
    page.goto(f"{server.url}/assets/{FACT}?view=checks")
    expect(listed_check(page, "row_count_to_be_between")).to_contain_text("Succeeded")
    expect(page.get_by_text("Skipped")).to_have_count(0)


def test_trouble_stays_visible_on_a_quiet_night(
    quiet: tuple[dict[str, AssetState], set[str]], server: Server, page: Page
) -> None:
    page.goto(f"{server.url}/assets/archive/{SOUTHWEST}?view=checks")
    expect(listed_check(page, "nothing_is_refused")).to_contain_text("Failed")
    page.goto(f"{server.url}/assets/archive/ohss_monthly_tables?view=checks")
    expect(listed_check(page, "nothing_is_held")).to_contain_text("Failed")
    page.goto(f"{server.url}/assets/sources/landing?view=checks")
    expect(listed_check(page, "landing_folders_are_readable")).to_contain_text("Failed")
    landing = asset_states(server, LANDING)[LANDING]
    _, status, severity = landing.checks["landing_folders_are_readable"]
    assert (status, severity) == ("FAILED", "ERROR")


def test_a_rollback_is_shown_on_the_published_files_page(server: Server, page: Page) -> None:
    builds = json.loads(run_command(server.home, "builds", "--json").stdout)
    earlier = next(b["build_id"] for b in builds if not b["published"])
    page.goto(f"{server.url}/assets/border_duckdb")
    page.get_by_role("cell", name="build", exact=True).wait_for()
    expect(value_of(page, "build")).not_to_contain_text(earlier)
    run_command(server.home, "rollback", earlier)
    page.reload()
    expect(value_of(page, "build")).to_contain_text(earlier)
