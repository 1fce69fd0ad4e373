"""The agencies' sites during the week, and the copy of the project that asks them.

What belongs here: what is posted on which night. CBP begins with a release of two cuts; the other
agencies have posted nothing.
"""

import csv
import re
from pathlib import Path

from orchestration.catalogue.dataset import load_catalogue
from orchestration.settings import BUNDLED
from tests.conftest import copy_project
from tests.support.agencies import DATASETS, POSTED, Agencies, page_of
from tests.support.bad_night import by_area
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, Made, made
from tests.support.publisher_server import Reply, listing

CATALOGUE = "orchestration/catalogue/datasets"
ROWS_PER_MONTH, BORDER_PATROL_ADULTS = 4, 2
SERVER_OF_ICE = "localhost"  # the others share their host
FIRST_MONTH = "2024-12"  # the bundle has other counts for the months before


def sites() -> Agencies:
    """The agencies' sites before the week: January of the southwest border, December by area."""
    agencies = Agencies()
    agencies.ice.url = agencies.ice.url.replace("127.0.0.1", SERVER_OF_ICE)
    for name in DATASETS:
        agencies.take_off(name, *agencies.posted[page_of(name)])
    for name, dataset in load_catalogue().items():
        if not dataset.bundled:
            empty = Reply(listing([]).encode())
            agencies.server_of(name).replies.setdefault(page_of(name), empty)
    path = f"{POSTED}/2027-01/nationwide-encounters-fy25-fy27-dec-aor.csv"
    agencies.post(BY_AREA, path, by_area("2026-12").bytes(), "01/27/2027")
    path = f"{POSTED}/2027-02/sbo-encounters-fy25-fy27-jan.csv"
    agencies.post(SOUTHWEST, path, _southwest("2027-01").bytes(), "02/16/2027")
    return agencies


def post_one_cut_off(agencies: Agencies) -> None:
    """A file by state that ends within a row."""
    whole = made(BY_STATE, FIRST_MONTH, "2027-01").bytes()
    path = f"{POSTED}/2027-03/nationwide-encounters-fy25-fy27-jan-state.csv"
    agencies.post(BY_STATE, path, whole[: len(whole) * 2 // 3], "03/05/2027")


def post_one_revised(agencies: Agencies) -> None:
    """The southwest file again, with a figure of a closed year one larger."""
    january = _southwest("2027-01")
    figure = int(january.column("encounters")[0])
    revised = january.with_cell(0, "encounters", str(figure + 1)).bytes()
    path = f"{POSTED}/2027-03/sbo-encounters-fy25-fy27-jan_0.csv"
    agencies.post(SOUTHWEST, path, revised, "03/05/2027")


def post_next_month(agencies: Agencies) -> None:
    """February of the southwest border."""
    path = f"{POSTED}/2027-03/sbo-encounters-fy25-fy27-feb.csv"
    agencies.post(SOUTHWEST, path, _southwest("2027-02").bytes(), "03/10/2027")


def project_that_asks(agencies: Agencies, folder: Path) -> Path:
    """A copy of the project with the landing pages of these sites."""
    project = copy_project(folder)
    for name, dataset in agencies.catalogue().items():
        path = project / CATALOGUE / f"{name}.yaml"
        line = f"landing_page: {dataset.landing_page}"
        path.write_text(re.sub("^landing_page: .*$", line, path.read_text(), flags=re.MULTILINE))
    return project


def _southwest(last: str) -> Made:
    """From the first month to this one, with Border Patrol's totals as the bundle has them, as far
    as it does: a gate compares the two."""
    release = made(SOUTHWEST, FIRST_MONTH, last)
    months = len(release.rows) // ROWS_PER_MONTH
    totals = _bundled_totals()
    totals += [totals[-1] + 10 * n for n in range(1, months - len(totals) + 1)]

    def figure(row: int, old: str) -> str:
        month, place = divmod(row, ROWS_PER_MONTH)
        if place != BORDER_PATROL_ADULTS:
            return old
        minors = int(old) + 1  # in the row after it
        return str(totals[month] - minors)

    return release.with_cells("encounters", figure)


def _bundled_totals() -> list[int]:
    """Border Patrol's monthly totals on the southwest border, from the first month on."""
    [path] = (BUNDLED / "cbp_at_large_split").glob("*/*.csv")
    with path.open(newline="") as file:
        return [int(r["total"]) for r in csv.DictReader(file) if r["month"] >= FIRST_MONTH]
