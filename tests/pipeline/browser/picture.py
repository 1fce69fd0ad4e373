"""Take the README's picture of the asset graph.

    .venv/bin/python -m tests.pipeline.browser.picture

runs the job on the bundled figures in a temporary home, starts the UI there and saves a screenshot
of the graph to docs/asset-graph.png: the groups as a graph, their assets as a list. Run it again
after groups or assets have changed.
"""

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import FloatRect, Page, expect

from tests.conftest import PROJECT, run_command
from tests.pipeline.browser.serving import Server, browse, serve

PICTURE = PROJECT / "docs" / "asset-graph.png"
EXPANDED = ("marts", "published")
MARGIN = 12


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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, landing = Path(folder, "home"), Path(folder, "landing")
        landing.mkdir()
        run_command(home, "nightly")
        with serve(home, landing) as server, browse() as page:
            take_picture(page, server, PICTURE)
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main()
