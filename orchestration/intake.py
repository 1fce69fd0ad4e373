"""Intake: from an offered file to a release in the archive, or a refusal with its reason.

What belongs here: the order of looking (bundle, landing folders, publishers' sites) and
the judgement whether a file can be the release that it claims to be. How it is parsed is
the readers' business, how it is kept the archive's.
"""

import hashlib
import inspect
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Literal

import polars as pl

from orchestration.readers import ParsedRelease, read_release, reader_version
from orchestration.readers.cells import number, place
from orchestration.releases import landing
from orchestration.releases.archive import Archive, Release, new_record, release_id_of
from orchestration.releases.catalogue import Column, Dataset, load_catalogue
from orchestration.releases.categories import in_one_spelling
from orchestration.releases.checks import Refusal
from orchestration.releases.offer import Offer, PublicationDate
from orchestration.releases.vocabulary import load_vocabulary
from orchestration.settings import BUNDLED, Settings

log = logging.getLogger(__name__)

Outcome = Literal["archived", "known", "renamed", "refused", "misplaced", "unreachable"]
NEWS: tuple[Outcome, ...] = ("archived", "refused", "renamed", "misplaced", "unreachable")


@dataclass(frozen=True)
class Arrival:
    """What became of one offer. `known` is the same file as before; `renamed` the same
    bytes under another name or date, which change nothing."""

    source: str
    dataset: str | None
    outcome: Outcome
    reason: str | None
    release: Release | None


def look(settings: Settings, datasets: Iterable[str] | None = None) -> list[Arrival]:
    """Take in every release that the bundle, the landing folders and, unless offline, the
    publishers' sites offer for these datasets (all, if None). One bad file never stops the
    others. Raises ArchiveError if the archive itself cannot be read."""
    catalogue = load_catalogue()
    wanted = catalogue if datasets is None else {name: catalogue[name] for name in datasets}
    intake = Intake(settings)
    intake.archive.clear_leftovers()
    intake.refresh(wanted.values())
    arrivals: list[Arrival] = []
    for folder in (BUNDLED, *settings.landing):
        for found in landing.offers(folder, catalogue, settings.limits.settle_seconds):
            if isinstance(found, landing.Misplaced):
                if datasets is None:
                    arrivals.append(_misplaced(found, folder))
            elif found.dataset in wanted:
                arrivals.append(intake.take(found))
    if not settings.offline:
        for dataset in wanted.values():
            if not dataset.bundled:
                arrivals.extend(_from_site(dataset, intake, settings))
    return arrivals


class Intake:
    """Judges offers against one archive."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.archive = Archive(settings.archive)
        self.catalogue = load_catalogue()
        self.known = {(r.dataset, r.release_id): r for r in self.archive.releases()}

    def take(self, offer: Offer) -> Arrival:
        """Archive the offered file, or keep it in quarantine with the reason. A refused file
        offered under another name or date is judged once more: it may have been refused for
        what it claimed to be, not for its bytes."""
        try:
            content = self._content(offer.path)
        except (OSError, Refusal) as error:
            return Arrival(offer.source, offer.dataset, "misplaced", str(error), None)
        known = self.known.get((offer.dataset, release_id_of(content)[0]))
        if known is not None and not self._is_to_be_judged_again(offer, known):
            return _already(offer, known)
        dataset = self.catalogue[offer.dataset]
        record = new_record(
            offer, content, dataset.reader, self._version(dataset), datetime.now(UTC)
        )
        release, rows = self._judge(record, content)
        if known is not None and release.verdict == "refused" and not _is_same_claim(offer, known):
            return _already(offer, known)
        release = self.archive.store(release, content, rows)
        self.known[release.dataset, release.release_id] = release
        outcome: Outcome = "archived" if release.verdict == "accepted" else "refused"
        return Arrival(offer.source, offer.dataset, outcome, release.reason, release)

    def _is_to_be_judged_again(self, offer: Offer, known: Release) -> bool:
        """A refused file is, under another name or date, or once its publication is past."""
        if known.verdict == "accepted":
            return False
        waited = "publication_is_past" in known.checks and _is_past(offer.published_on)
        return waited or not _is_same_claim(offer, known)

    def refresh(self, datasets: Iterable[Dataset]) -> None:
        """Read and judge again, from the archived bytes, what other code had judged, and what
        has lost its rows. Raises ArchiveError where the bytes of any release are not those that
        were archived."""
        versions = {dataset.name: self._version(dataset) for dataset in datasets}
        for old in list(self.known.values()):
            content = self.archive.bytes_of(old)
            version = versions.get(old.dataset, old.reader_version)
            is_whole = self.archive.rows_are_whole(old)
            if not is_whole:
                log.warning("reading %s again: its rows were gone or changed", old.describe())
            elif old.reader_version != version:
                log.info("reading %s again with a newer reader", old.describe())
            else:
                continue
            restated = old.model_copy(update={"reader_version": version})
            new, rows = self._judge(restated, content)
            self.known[new.dataset, new.release_id] = self.archive.restate(new, rows)

    def _version(self, dataset: Dataset) -> str:
        """What a verdict depends on besides the bytes: how they are read, and how judged."""
        judge = inspect.getsource(sys.modules[__name__]) + repr(self.settings.limits)
        return hashlib.sha256((reader_version(dataset) + judge).encode()).hexdigest()[:12]

    def _content(self, path: Path) -> bytes:
        limit = self.settings.limits.release_bytes
        with path.open("rb") as file:
            content = file.read(limit + 1)
        if len(content) > limit:
            raise Refusal("size_is_bounded", f"found a file larger than {limit:,} bytes")
        return content

    def _judge(self, record: Release, content: bytes) -> tuple[Release, pl.DataFrame | None]:
        dataset = self.catalogue[record.dataset]
        try:
            parsed = read_release(content, dataset, record.published, self.settings.limits)
            typed = parsed.typed
            self._check_rows(parsed)
            cells = _in_one_spelling(typed, dataset)
            months = _check_months(cells, parsed.span, dataset, record)
            _check_people(typed, dataset)
            _check_components(cells, dataset)
            _check_cells(cells, typed)
        except Refusal as error:
            return record.refused(error.check, f"{record.file_name}: {error}"), None
        accepted = {
            "verdict": "accepted",
            "checks": (),
            "reason": None,
            "rows": len(typed),
            "untyped_rows": len(parsed.rows) - len(typed),
            "first_month": months[0],
            "last_month": months[-1],
            "notes": parsed.notes,
        }
        release_id = pl.lit(record.release_id).alias("release_id")
        return record.model_copy(update=accepted), parsed.rows.select(release_id, pl.all())

    def _check_rows(self, parsed: ParsedRelease) -> None:
        """Few untyped rows are kept aside; more mean that the file is not what it claims."""
        untyped = parsed.rows.filter(pl.col("problem").is_not_null())
        share = self.settings.limits.untyped_row_share
        if len(untyped) > share * len(parsed.rows):
            first = untyped.row(0, named=True)
            raise Refusal(
                "cells_are_typed",
                f"{place(first)}: {first['problem']}; {len(untyped):,} of "
                f"{len(parsed.rows):,} rows cannot be typed, expected at most {share:.1%}",
            )


def _in_one_spelling(typed: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """Line and month of each row and its labels, a category in one spelling throughout."""
    names = [
        name
        for name in dict.fromkeys((*dataset.cell, *dataset.complete_by))
        if dataset.columns[name].kind not in ("month", "month_name")  # month_start tells the month
    ]
    return in_one_spelling(typed.select("row_number", "month_start", *names), dataset, names)


def _check_months(
    cells: pl.DataFrame, span: tuple[date, date] | None, dataset: Dataset, record: Release
) -> list[date]:
    """The months run without a gap, for every component and region, up to the month that
    the file's name promises, and none lies beyond the publication. Where the rows tell no
    months, the first and last of the span that the reader found."""
    if not _is_past(record.published):
        raise Refusal(
            "publication_is_past",
            f"found the publication date {record.published}, expected one not after "
            f"{datetime.now(UTC).date()}, the day on which the file was taken in",
        )
    months = _months_of(cells) or list(span or ())
    if not months:
        raise Refusal("file_has_rows", "found no month with figures, expected at least one")
    if months[-1] > record.published_on:
        raise Refusal(
            "figures_precede_publication",
            f"found figures for {months[-1]:%Y-%m}, expected none after the publication in "
            f"{record.published}",
        )
    _check_promise(months[-1], dataset.span_promised(record.file_name))
    if span is None:
        _check_gaps(cells, months, dataset)
    return months


def _is_past(published_on: PublicationDate) -> bool:
    return published_on.earliest <= datetime.now(UTC).date()


def _check_gaps(cells: pl.DataFrame, months: list[date], dataset: Dataset) -> None:
    spans = {"": cells}
    for name in dataset.complete_by:
        spans |= {f" for {part[name][0]}": part for part in cells.partition_by(name)}
    for where, span in spans.items():
        missing = sorted(set(_run(months[0], months[-1])) - set(_months_of(span)))
        if missing:
            raise Refusal(
                "months_are_complete",
                f"found no row for {missing[0]:%Y-%m}{where}, expected every month from "
                f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}",
            )


def _check_promise(last_month: date, promised: tuple[int, int | None] | None) -> None:
    """The last month is the one that the file's name promises."""
    if promised is None:
        return
    fiscal_year = last_month.year + (last_month.month >= 10)
    if promised[0] != fiscal_year or promised[1] not in (None, last_month.month):
        month = "" if promised[1] is None else f"month {promised[1]} of "
        raise Refusal(
            "name_keeps_its_promise",
            f"found {last_month:%Y-%m} (FY{fiscal_year}) as the last month, expected {month}"
            f"FY{promised[0]}, which the file's name promises",
        )


def _check_people(typed: pl.DataFrame, dataset: Dataset) -> None:
    """Somebody is counted in every month, by whatever figure."""
    if not dataset.figures or typed["month_start"].is_null().all():
        return
    people = pl.sum_horizontal(number(name).fill_null(0) for name in dataset.figures)
    months = typed.group_by("month_start").agg(people.sum().alias("people")).sort("month_start")
    if (nobody := months.filter(pl.col("people") == 0)["month_start"].drop_nulls()).len():
        raise Refusal(
            "months_have_people",
            f"found nobody counted in {nobody[0][:7]}, expected some people in every month; "
            f"{len(nobody):,} months are affected",
        )


def _check_components(cells: pl.DataFrame, dataset: Dataset) -> None:
    """A label that belongs to one component stands in rows of that component only."""
    if "component" not in cells.columns:
        return
    for name, column in dataset.columns.items():
        belonging = load_vocabulary().components(column.vocabulary) if column.vocabulary else {}
        if belonging and name in cells.columns:
            expected = pl.col(name).replace_strict(belonging, default=None, return_dtype=pl.String)
            astray = cells.filter(expected != pl.col("component")).select(
                "row_number", "component", label=name, expected=expected
            )
            _refuse_astray(astray, column)


def _refuse_astray(astray: pl.DataFrame, column: Column) -> None:
    if astray.is_empty():
        return
    row = astray.row(0, named=True)
    raise Refusal(
        "labels_fit_components",
        f"{place(row)}: column {column.headers[0]!r}: found {row['label']!r} in a row of "
        f"{row['component']!r}, expected one of {row['expected']!r}; {len(astray):,} rows are "
        "affected",
    )


def _check_cells(cells: pl.DataFrame, typed: pl.DataFrame) -> None:
    """No cell stands twice, however its labels are spelled."""
    labels = cells.columns[1:]
    twice = cells.select(pl.struct(labels).is_duplicated().arg_true()).to_series()
    if twice.is_empty():
        return
    cell = cells.row(twice[0])[1:]
    same = (i for i in twice if cells.row(i)[1:] == cell)
    rows = [typed.row(i, named=True) for i in islice(same, 2)]
    places = (
        " and ".join(map(place, rows)).replace(" and line ", " and ").replace("line ", "lines ")
    )
    raise Refusal(
        "cells_stand_once",
        f"{places}: found the same cell twice ({', '.join(filter(None, cell))}), "
        f"expected each once; {len(twice):,} rows are affected",
    )


def _months_of(frame: pl.DataFrame) -> list[date]:
    months = frame["month_start"].drop_nulls().unique().sort()
    return [date.fromisoformat(month) for month in months.to_list()]


def _run(first: date, last: date) -> list[date]:
    return pl.date_range(first, last, "1mo", eager=True).to_list()


def _misplaced(found: landing.Misplaced, folder: Path) -> Arrival:
    inside = found.path.relative_to(folder)
    source = os.fsencode(inside if inside.parts else found.path).decode(errors="backslashreplace")
    shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in source)
    return Arrival(shown, None, "misplaced", found.reason, None)


def _is_same_claim(offer: Offer, known: Release) -> bool:
    return offer.file_name == known.file_name and offer.published_on == known.published


def _already(offer: Offer, known: Release) -> Arrival:
    if _is_same_claim(offer, known):
        return Arrival(offer.source, offer.dataset, "known", known.reason, known)
    reason = f"{offer.file_name}: found the same bytes as release {known.describe()}"
    return Arrival(offer.source, offer.dataset, "renamed", reason, known)


def _from_site(dataset: Dataset, intake: Intake, settings: Settings) -> Iterator[Arrival]:
    from orchestration.releases.publishers import (  # requests is slow to import
        Site,
        Unreachable,
    )

    incoming = settings.home / "incoming" / dataset.name
    site = Site(dataset, settings.limits, settings.home / "incoming" / f"{dataset.name}.json")
    try:
        for offer in site.new_offers(incoming):
            yield intake.take(offer)
            site.remember(offer)
            offer.path.unlink(missing_ok=True)
    except Unreachable as error:
        yield Arrival(dataset.landing_page, dataset.name, "unreachable", str(error), None)
    for failure in site.failures:
        yield Arrival(dataset.landing_page, dataset.name, "unreachable", failure, None)
