"""Take the pictures of the report that the docs show.

    .venv/bin/python -m tests.pipeline.browser.report_pictures

publishes the bundle in a temporary folder and saves to `docs/` a screenshot of each of PICTURES.
Run it again after the report has changed.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PROJECT, run_command
from tests.pipeline.browser.serving import browse

DOCS = PROJECT / "docs"
WIDTH = 1000


@dataclass(frozen=True)
class Picture:
    """A screenshot: the page, its height in pixels, and whether it is dark."""

    name: str
    page: str
    height: int
    dark: bool = False


PICTURES = (
    Picture("report-overview", "index.html", 860),
    Picture("report-san-diego", "san-diego.html", 720),
    Picture("report-claims", "claims.html", 700, dark=True),
)


def take_pictures(report: Path, folder: Path) -> list[Path]:
    """Save the screenshots of a report to a folder. Returns the files."""
    saved = []
    with browse() as page:
        for picture in PICTURES:
            page.set_viewport_size({"width": WIDTH, "height": picture.height})
            page.emulate_media(color_scheme="dark" if picture.dark else "light")
            page.goto((report / picture.page).as_uri())
            page.wait_for_selector("body[data-drawn]", state="attached")
            saved.append(folder / f"{picture.name}.png")
            page.screenshot(path=saved[-1], animations="disabled")
    return saved


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        run_command(home, "nightly")
        for path in take_pictures(home / "report", DOCS):
            sys.stdout.write(f"{path}: {path.stat().st_size / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main()
