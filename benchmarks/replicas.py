"""Archives of many times the rows: the releases, and replicas of the newest ones.

    python -m benchmarks.replicas RELEASES TARGET TIMES

A replica has the rows of a delimited CBP file in another order, so that its bytes are those of
another release, under the file's own name and published on a day of its own: the day after the
replica before it. No figure changes, so that the review holds none of them.
"""

import argparse
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil
from pathlib import Path

from orchestration.catalogue.dataset import load_catalogue
from orchestration.sources.candidate import Candidate
from orchestration.sources.landing import candidates

READER = "cbp_encounters"  # of the datasets that are replicated


def replicas(releases: Path, target: Path, times: int) -> int:
    """Make a landing folder of a landing folder: its releases, and so many replicas of the newest
    file of each CBP dataset that the rows of these datasets are at least so many times as many.

    target: must not exist. times: 1 or more. Returns how many rows the folder's CBP files have.
    Raises FileNotFoundError if there is no CBP file, FileExistsError if the target exists.
    """
    shutil.copytree(releases, target)
    published = list(_published(target))
    if not published:
        raise FileNotFoundError(f"{releases}: found no file of a dataset of {READER}, expected one")
    rows = sum(len(_Delimited(one.path).rows) for one in published)
    newest = [_Delimited(one.path) for one in {one.dataset: one for one in published}.values()]
    of_one_day = sum(len(file.rows) for file in newest)
    days = ceil((times - 1) * rows / of_one_day)
    for one, file in zip({p.dataset: p for p in published}.values(), newest, strict=True):
        for day in range(1, days + 1):
            _write_replica(file, target / one.dataset, one.published_on.on, day)
    return rows + days * of_one_day


def next_day(target: Path) -> int:
    """Add one replica of each CBP dataset to a folder that `replicas` has made, all published on
    the day after the newest release of all, as a night's news is. Returns how many rows were
    added."""
    newest = {one.dataset: one for one in _published(target)}
    last = max(one.published_on.on for one in newest.values())
    added = 0
    for one in newest.values():
        file = _Delimited(one.path)
        _write_replica(file, target / one.dataset, last, 1)
        added += len(file.rows)
    return added


def _published(folder: Path) -> Iterator[Candidate]:
    """The delimited CBP files of a landing folder, oldest publication first within a dataset."""
    catalogue = load_catalogue()
    for found in candidates(folder, catalogue):
        if isinstance(found, Candidate) and catalogue[found.dataset].reader == READER:
            yield found


class _Delimited:
    """A delimited file: its name, its header and its rows, each with the end of its line."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.header, *self.rows = path.read_bytes().splitlines(keepends=True)
        if self.rows and not self.rows[-1].endswith(b"\n"):
            self.rows[-1] += b"\n"

    def from_row(self, number: int) -> bytes:
        """The file as it reads if it begins with this row, and the rows before it come last."""
        first = number % max(len(self.rows), 1)
        return b"".join((self.header, *self.rows[first:], *self.rows[:first]))


def _write_replica(file: _Delimited, dataset: Path, published_on: date, day: int) -> None:
    """Write the replica that is published so many days after the file. Turning the rows by one is
    enough to make another release of them, and far cheaper than to shuffle them."""
    folder = dataset / str(published_on + timedelta(days=day))
    folder.mkdir(exist_ok=True)
    (folder / file.name).write_bytes(file.from_row(day))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.replicas",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("releases", type=Path, help="landing folder with the agencies' files")
    parser.add_argument("target", type=Path, help="landing folder to be made")
    parser.add_argument("times", type=int, help="how many times the rows")
    options = parser.parse_args()
    made = replicas(options.releases, options.target, options.times)
    print(f"{options.target}: {made:,} rows of CBP datasets")


if __name__ == "__main__":
    main()
