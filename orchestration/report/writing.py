"""Writing the report beside the build that it is about, and linking it into the home.

builds/<build_id>/report/    the pages; `report` in the home is a link to those of the published
                             build, so that it is replaced as a whole, and on rollback
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from orchestration.builds.build import Build
from orchestration.catalogue.dataset import Dataset
from orchestration.durable import remove_folder
from orchestration.report.beside import Beside
from orchestration.report.downloads import Download
from orchestration.report.scripts import write_scripts
from orchestration.settings import Settings

FOLDER = "report"
FIRST_PAGE = "index.html"
ASSETS = "assets"
STATIC = Path(__file__).parent / "static"


def publish_report(
    build: Build,
    settings: Settings,
    catalogue: Mapping[str, Dataset],
    beside: Sequence[Beside] = (),
    downloads: Sequence[Download] = (),
) -> Path:
    """Write the report of the published build, and make it the home's. Returns the path of its
    first page. beside: further documentation, which the report links. downloads: where the build's
    tables were exported."""
    write_report(build.database, build.folder / FOLDER, catalogue, beside, downloads)
    return _link(settings, build)


def restore_report(build: Build, settings: Settings, catalogue: Mapping[str, Dataset]) -> Path:
    """Make the report of a build that is published again the home's; write it if the build has
    none. Returns the path of its first page."""
    if not (build.folder / FOLDER / FIRST_PAGE).exists():
        return publish_report(build, settings, catalogue)
    return _link(settings, build)


def write_report(
    database: Path,
    folder: Path,
    catalogue: Mapping[str, Dataset],
    beside: Sequence[Beside] = (),
    downloads: Sequence[Download] = (),
) -> None:
    """Write the pages of a published file into a new folder, which is complete or absent."""
    from orchestration.report.pages import pages  # imports Altair, which no other step needs

    partial = folder.with_name(f"{folder.name}.partial")
    remove_folder(partial)
    (partial / "data").mkdir(parents=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        for page in pages(connection, catalogue, beside, downloads):
            (partial / page.file).write_text(page.html, encoding="utf-8")
            for drawn in page.exhibits:
                path = partial / "data" / f"{drawn.exhibit.name}.csv"
                path.write_text(drawn.csv, encoding="utf-8", newline="")
    _write_assets(partial / ASSETS, folder.parent.parent)
    for other in beside:
        other.write(database, partial / other.folder)
    remove_folder(folder)
    partial.rename(folder)


def _write_assets(folder: Path, builds: Path) -> None:
    """What the pages share: styles and scripts. builds: has the builds, with their reports."""
    shutil.copytree(STATIC, folder)
    reports = sorted(builds.glob(f"*/{FOLDER}/{ASSETS}"))
    write_scripts(folder, reports[-1] if reports else folder)


def _link(settings: Settings, build: Build) -> Path:
    """Let the home's report be that of a build: by a link, which is replaced at once, or by a copy
    where the file system has no links."""
    pages, new = build.folder / FOLDER, settings.report.with_name(f".{FOLDER}.new")
    remove_folder(new)
    try:
        new.symlink_to(os.path.relpath(pages, settings.home), target_is_directory=True)
    except OSError:
        shutil.copytree(pages, new)
    if not settings.report.is_symlink():  # a copy, or a home that was copied without its links
        remove_folder(settings.report)
    new.replace(settings.report)
    return settings.report / FIRST_PAGE
