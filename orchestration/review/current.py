"""The figures that are current: of the releases that were accepted so far, each period from the
newest that covers it.

What belongs here: which release each figure is current from. The figures themselves are read from
the archive when a release is compared with them, so that a review of many releases needs no more
memory than one of a few.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from orchestration.releases.release import Release

KEPT_BYTES = 64 * 2**20  # more than a release of every cut, which are compared with each other
Part = tuple[str | None, str]  # a table of a release, None where it has none, and a period


@dataclass(frozen=True, eq=False)
class Counted:
    """An accepted release, as far as later ones are compared with it.

    covers: its tables and periods. shares: the periods of each shared total.
    read: returns its figures, as `figures_of` does, without those of held tables.
    """

    release: Release
    covers: frozenset[Part]
    shares: dict[str, frozenset[str]]
    read: Callable[[], pl.DataFrame]


class Memory:
    """The figures of the releases that were used last, up to a number of bytes."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._most, self._bytes = kept_bytes, 0.0
        self._kept: OrderedDict[Counted, pl.DataFrame] = OrderedDict()

    def figures(self, counted: Counted) -> pl.DataFrame:
        """The figures of an accepted release, read again unless they are still there."""
        figures = self._kept.get(counted)
        if figures is None:
            figures = counted.read()
            self.keep(counted, figures)
        self._kept.move_to_end(counted)
        return figures

    def keep(self, counted: Counted, figures: pl.DataFrame) -> None:
        """Remember the figures of a release, and forget those that were used longest ago."""
        self._kept[counted] = figures
        self._bytes += figures.estimated_size()
        while self._bytes > self._most and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].estimated_size()


class Current:
    """The current figures of one dataset.

    by_table: whether its tables may have different periods. Otherwise a release replaces a period
        in all of the tables that it has, also in those that lack it now.
    """

    def __init__(self, memory: Memory, *, by_table: bool) -> None:
        self._memory, self._by_table = memory, by_table
        self._accepted: list[Counted] = []
        self._from: dict[Part, Counted] = {}

    def add(self, counted: Counted) -> None:
        """Let an accepted release take the place of those before it, in the tables that it has."""
        if not self._by_table:
            tables = {table for table, _ in counted.covers}
            periods = {period for _, period in counted.covers}
            for table, period in list(self._from):
                if table in tables and period in periods:
                    del self._from[table, period]
        self._from |= dict.fromkeys(counted.covers, counted)
        in_use = set(self._from.values()) | {counted}
        self._accepted = [one for one in (*self._accepted, counted) if one in in_use]

    def figures(self) -> pl.DataFrame | None:
        """The figures, those of the release that was accepted last at the end; None before the
        first release."""
        if not self._accepted:
            return None
        return pl.concat(list(self._parts()))

    def tables(self) -> set[str]:
        """The tables of which there are current figures."""
        return {table for table, _ in self._from if table is not None}

    def _parts(self) -> Iterator[pl.DataFrame]:
        for counted in self._accepted:
            figures = self._memory.figures(counted)
            parts = [part for part in counted.covers if self._from.get(part) is counted]
            if len(parts) == len(counted.covers):
                yield figures
                continue
            wanted = pl.DataFrame(parts, schema=["table_name", "period"], orient="row")
            key = [name for name in wanted.columns if name in figures.columns]
            yield figures.join(wanted.select(key), on=key, how="semi", maintain_order="left")


def covered(figures: pl.DataFrame) -> frozenset[Part]:
    """The tables and periods of a release's figures."""
    if "table_name" not in figures.columns:
        return frozenset((None, period) for period in figures["period"].unique())
    return frozenset(figures.select("table_name", "period").unique().iter_rows())
