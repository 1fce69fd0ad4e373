"""Take the pictures of Dagster's UI that the docs show.

    .venv/bin/python -m tests.pipeline.browser.picture

makes the home of one bad night in a temporary folder, starts the UI there and saves to `docs/` a
screenshot of the graph (the groups as a graph, their assets as a list) and of the pages in PAGES.
Run it again after groups, assets or pages have changed.
"""

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import FloatRect, Page, expect

from orchestration.releases.archive import Archive
from orchestration.review.review import review
from tests.conftest import PROJECT, run_command
from tests.pipeline.browser.serving import Server, browse, serve
from tests.support.bad_night import write_bad_night, write_nights_before
from tests.support.cbp_files import SOUTHWEST
from tests.support.ui_runs import runs

DOCS = PROJECT / "docs"
PICTURE = DOCS / "asset-graph.png"
PAGE_WIDTH, PAGE_HEIGHT = 1300, 900  # in pixels, which keeps a picture below 200 kB
EXPANDED = ("marts", "published")
MARGIN = 12
SETTLE_MILLISECONDS = 1_000  # pages that are drawn load results of checks and runs


@dataclass(frozen=True)
class Pictured:
    """A page: its path, and a text on it that says that it has been drawn. scrolled_to: a text that
    is to be in the middle."""

    name: str
    path: str
    drawn: str
    scrolled_to: str | None = None


ARCHIVE = f"assets/archive/{SOUTHWEST}"
PAGES = (
    Pictured("ui-held-release", ARCHIVE, "every release", "how to decide"),
    Pictured("ui-archive-checks", f"{ARCHIVE}?view=checks&checkDetail=nothing_is_held", "found"),
    Pictured(
        "ui-failed-check",
        "assets/southwest_border_monthly?view=checks&checkDetail=split_agrees",
        "unexpected count",
        "example rows",
    ),
    Pictured("ui-partitions", f"{ARCHIVE}?view=partitions&partition={{held}}", "verdict"),
    Pictured("ui-nightly-run", "runs/{nightly}", "RUN_SUCCESS"),
)


def show_graph(page: Page, server: Server, expanded: Iterable[str]) -> None:
    """Open the asset graph with the assets of these groups listed beside it."""
    groups = [f"global@global:{group}" for group in expanded]
    query = urlencode({f"open-nodes[{index}]": group for index, group in enumerate(groups)})
    page.goto(f"{server.url}/asset-groups?{query}")
    page.locator("svg foreignObject").first.wait_for()


def take_picture(page: Page, server: Server, picture: Path) -> None:
    """Save a screenshot of the graph, top to bottom, without the bars around it."""
    page.add_init_script("localStorage.setItem('asset-graph-direction', '\"vertical\"')")
    show_graph(page, server, EXPANDED)
    page.get_by_title("border_duckdb", exact=True).wait_for()
    page.locator("svg foreignObject").filter(has_text="published").wait_for()
    # asset statuses load after the names
    expect(page.get_by_text("fetching statuses")).to_have_count(0, timeout=60_000)
    page.screenshot(path=picture, clip=_graph_and_list(page), animations="disabled")


def _graph_and_list(page: Page) -> FloatRect:
    search = page.get_by_placeholder("Jump to").bounding_box()
    controls = page.get_by_role("button", name="zoom_in").bounding_box()
    window = page.viewport_size
    assert search
    assert controls
    assert window
    left, top = search["x"] - MARGIN, search["y"] + search["height"] + MARGIN
    width, height = controls["x"] - MARGIN - left, window["height"] - top
    return {"x": left, "y": top, "width": width, "height": height}


def take_pages(page: Page, server: Server, folder: Path) -> list[Path]:
    """Save a screenshot of each of PAGES. Returns the files."""
    [nightly, *_] = [run.run_id for run in runs(server.url).values() if run.job == "nightly"]
    held = next(
        release.folder_name
        for release in review(Archive(server.home / "archive")).waiting()
        if release.dataset == SOUTHWEST
    )
    page.set_viewport_size({"width": PAGE_WIDTH, "height": PAGE_HEIGHT})
    saved = []
    for one in PAGES:
        page.goto(f"{server.url}/{one.path.format(nightly=nightly, held=held)}")
        page.get_by_text(one.drawn).first.wait_for()
        if one.scrolled_to is not None:
            text = page.get_by_text(one.scrolled_to).last
            text.evaluate("element => element.scrollIntoView({block: 'center'})")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        saved.append(folder / f"{one.name}.png")
        page.screenshot(path=saved[-1], animations="disabled")
    return saved


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, landing = Path(folder, "home"), Path(folder, "landing")
        before, night = Path(folder, "before"), Path(folder, "night")
        landing.mkdir()
        write_nights_before(before)
        run_command(home, "fetch", landing=before)
        write_bad_night(night)
        run_command(home, "nightly", "--landing", str(night))
        with serve(home, landing) as server, browse() as page:
            take_picture(page, server, PICTURE)
            saved = [PICTURE, *take_pages(page, server, DOCS)]
    for path in saved:
        sys.stdout.write(f"{path}: {path.stat().st_size / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main()
