"""Writing the report beside the build that it is about, and linking it into the home.

builds/<build_id>/report/    the pages; `report` in the home is a link to those of the published
                             build, so that it is replaced as a whole, and on rollback
"""

import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from orchestration.builds.build import Build
from orchestration.builds.connection import connected
from orchestration.catalogue.dataset import Dataset
from orchestration.durable import remove_folder, replace
from orchestration.report.beside import Beside
from orchestration.report.downloads import Download
from orchestration.report.scripts import write_scripts
from orchestration.settings import Settings

log = logging.getLogger(__name__)

FOLDER = "report"
FIRST_PAGE = "index.html"
ASSETS = "assets"
STATIC = Path(__file__).parent / "static"


def publish_report(
    build: Build,
    settings: Settings,
    catalogue: Mapping[str, Dataset],
    beside: Sequence[Beside] = (),
) -> Path:
    """Write the report of the published build, and make it the home's. Returns the path of its
    first page. beside: further documentation, which the report links."""
    write_report(build.database, build.folder / FOLDER, catalogue, beside)
    return _link(settings, build)


def restore_report(
    build: Build,
    settings: Settings,
    catalogue: Mapping[str, Dataset],
    downloads: Sequence[Download] = (),
) -> Path:
    """Make the report of a build that is published again the home's; write it if the build has
    none. Returns the path of its first page. downloads: where its tables are exported."""
    if not (build.folder / FOLDER / FIRST_PAGE).exists():
        write_report(build.database, build.folder / FOLDER, catalogue)
    link_downloads(build, catalogue, downloads)
    return _link(settings, build)


def is_report_of(build: Build, settings: Settings) -> bool:
    """Whether the home's report is that of a build, and has its first page."""
    first = settings.report / FIRST_PAGE
    return first.is_file() and f"build {build.build_id} " in first.read_text(encoding="utf-8")


def link_downloads(
    build: Build, catalogue: Mapping[str, Dataset], downloads: Sequence[Download]
) -> None:
    """Let the report of a build link the files of an export, and no others. One page is replaced,
    at once; a build without a report stays as it is."""
    from orchestration.report.pages import data_page

    if not (build.folder / FOLDER / FIRST_PAGE).exists():
        return
    with connected(build.database, read_only=True) as connection:
        page = data_page(connection, catalogue, downloads)
    replace(
        build.folder / FOLDER / page.file, lambda path: path.write_text(page.html, encoding="utf-8")
    )


def write_report(
    database: Path,
    folder: Path,
    catalogue: Mapping[str, Dataset],
    beside: Sequence[Beside] = (),
) -> None:
    """Write the pages of a published file into a new folder, which is complete or absent."""
    from orchestration.report.pages import pages  # imports Altair, which no other step needs

    partial = folder.with_name(f"{folder.name}.partial")
    remove_folder(partial)
    (partial / "data").mkdir(parents=True)
    with ThreadPoolExecutor() as others, connected(database, read_only=True) as connection:
        written = [others.submit(other.write, database, partial / other.folder) for other in beside]
        for page in pages(connection, catalogue, beside):
            (partial / page.file).write_text(page.html, encoding="utf-8")
            for drawn in page.exhibits:
                path = partial / "data" / f"{drawn.exhibit.name}.csv"
                path.write_text(drawn.csv, encoding="utf-8", newline="")
    _write_assets(partial / ASSETS, folder.parent.parent)
    for other in written:
        other.result()
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
    _remove(new)
    try:
        new.symlink_to(os.path.relpath(pages, settings.home), target_is_directory=True)
    except OSError:
        shutil.copytree(pages, new)
    _make_room(settings.report)
    new.replace(settings.report)
    return settings.report / FIRST_PAGE


def _make_room(report: Path) -> None:
    """Remove a copy of a report, as a home has that was copied without its links; put what is
    anything else aside, since it is not ours."""
    if report.is_symlink() or not report.exists():
        return
    if (report / ASSETS / "report.css").is_file():
        remove_folder(report)
        return
    aside = report.with_name(f"{FOLDER}.set-aside")
    number = 1
    while aside.exists():
        number += 1
        aside = report.with_name(f"{FOLDER}.set-aside-{number}")
    report.rename(aside)
    log.warning("%s: found what is no report; moved to %s", report, aside.name)


def _remove(path: Path) -> None:
    if path.is_dir():
        remove_folder(path)
    else:
        path.unlink(missing_ok=True)
