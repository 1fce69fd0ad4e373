"""Writing the report beside the build that it is about, and linking it into the home.

builds/<build_id>/report/    the pages; `report` in the home is a link to those of the published
                             build, so that it is replaced as a whole, and on rollback
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import duckdb

from orchestration.builds.build import Build
from orchestration.catalogue.dataset import Dataset
from orchestration.durable import remove_folder
from orchestration.report.pages import pages
from orchestration.settings import Settings

EXPOSED = "window.vegaEmbed = vegaEmbed;"  # what report.js uses
STATIC = Path(__file__).parent / "static"


def publish_report(build: Build, settings: Settings, catalogue: Mapping[str, Dataset]) -> Path:
    """Write the report of a sealed build, unless it has one, and make it the home's. Returns the
    path of its first page."""
    folder = build.folder / "report"
    if not (folder / "index.html").exists():
        write_report(build.database, folder, catalogue)
    _link(settings.report, folder)
    return settings.report / "index.html"


def write_report(database: Path, folder: Path, catalogue: Mapping[str, Dataset]) -> None:
    """Write the pages of a published file into a new folder, which is complete or absent."""
    partial = folder.with_name(f"{folder.name}.partial")
    remove_folder(partial)
    (partial / "data").mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        for page in pages(connection, catalogue):
            (partial / page.file).write_text(page.html, encoding="utf-8")
            for exhibit in page.exhibits:
                path = partial / "data" / f"{exhibit.name}.csv"
                path.write_text(exhibit.csv, encoding="utf-8", newline="")
    _write_assets(partial / "assets")
    remove_folder(folder)
    partial.rename(folder)


def _write_assets(folder: Path) -> None:
    """What the pages share: styles, and the scripts that draw the charts, without a network."""
    import vl_convert  # starts a JavaScript engine

    shutil.copytree(STATIC, folder)
    (folder / "charts.js").write_text(vl_convert.javascript_bundle(EXPOSED), encoding="utf-8")


def _link(link: Path, target: Path) -> None:
    """Make a link to a folder beside it, in place of an earlier one."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    new.replace(link)
