"""Which releases are accepted: each is compared with the figures that were current before it, and
held if it moves them beyond the catalogue's limits, until a person decides.

What belongs here: the walk through a dataset's releases in the order of their publication. The
result depends on the archive alone, not on the order in which the releases were taken in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import polars as pl

from orchestration.catalogue.corrections import Correction, load_corrections
from orchestration.catalogue.dataset import Dataset, RevisionLimits, load_catalogue
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.release import Release
from orchestration.review.comparison import ENVELOPE, Comparison, compare
from orchestration.review.corrections import Applied, corrected, repaired
from orchestration.review.figures import figures_of
from orchestration.review.finding import Finding, held_alone
from orchestration.review.labels import ended_findings, label_findings
from orchestration.review.names import name_findings
from orchestration.review.new_months import new_month_findings
from orchestration.review.regions import region_findings
from orchestration.review.rejected import rejected_findings
from orchestration.review.shared_cells import SharedCells
from orchestration.review.shared_totals import SharedTotals
from orchestration.review.slips import rounded
from orchestration.review.statements import Statements
from orchestration.review.stored import Parts, stored
from orchestration.review.sums import sum_findings

REVIEWED = "reviewed"  # the folder beside the archive that keeps reviews
MOVED = {
    "release_id": pl.String(),
    "against_release_id": pl.String(),
    "dataset": pl.String(),
    "period": pl.String(),
    "cell": pl.String(),
    "figure_before": pl.Int64(),
    "figure_after": pl.Int64(),
    "difference": pl.Int64(),
}
ENVELOPES = {"release_id": pl.String(), "dataset": pl.String(), **ENVELOPE}


@dataclass(frozen=True)
class Review(Parts):
    """The releases of an archive with their verdicts after review.

    releases: all of them; `held` are those that moved too far and have no decision yet, and an
        accepted one may have `held_tables`.
    moved: one row per cell that changed in a held release, largest change first.
    envelopes: one row per release and month: its number of rows, and the bounds on it.
    applied: the corrections that apply.
    """

    def accepted(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("accepted", dataset)

    def held(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("held", dataset)

    def waiting(self, dataset: str | None = None) -> list[Release]:
        """The releases that are held, and the accepted ones of which a table is."""
        return [r for r in self.releases if r.is_waiting and dataset in (None, r.dataset)]

    def unresolved(self, dataset: str | None = None) -> list[Release]:
        """The refused files that still need somebody: nobody has refused them for good, and no
        file of the same name has been accepted since."""
        accepted: dict[tuple[str, str], datetime] = {}
        for release in self.accepted(dataset):
            name = (release.dataset, release.file_name)
            accepted[name] = max(release.retrieved_at, accepted.get(name, release.retrieved_at))
        return [
            release
            for release in self._with_verdict("refused", dataset)
            if release.decision is None
            and release.retrieved_at
            >= accepted.get((release.dataset, release.file_name), release.retrieved_at)
        ]

    def _with_verdict(self, verdict: str, dataset: str | None) -> list[Release]:
        return [r for r in self.releases if r.verdict == verdict and dataset in (None, r.dataset)]


def review(
    archive: Archive,
    as_of: date | None = None,
    corrections: Sequence[Correction] | None = None,
) -> Review:
    """Review every release of an archive, or those published by a day. Raises CorrectionError if
    a correction does not find the figure it expects, and ArchiveError if the rows of a release
    were read by an older version of the code.

    corrections: default: those of the project.
    """
    if corrections is not None:
        return _review(archive, as_of, corrections)
    return _review_once(archive.root, archive.digest(as_of), as_of)


@lru_cache(maxsize=2)
def _review_once(root: Path, digest: str, as_of: date | None) -> Review:
    """The review, cached because several steps of a run need it, and kept for the next run unless
    it is as of a day. digest: of the archive's content, so that a changed archive is reviewed
    anew."""
    archive, corrections = Archive(root), load_corrections()
    if as_of is not None:
        return _review(archive, as_of, corrections)
    parts = stored(root.with_name(REVIEWED), digest, lambda: _review(archive, None, corrections))
    return Review(parts.releases, parts.moved, parts.envelopes, parts.applied)


def _review(archive: Archive, as_of: date | None, corrections: Sequence[Correction]) -> Review:
    releases = archive.releases(as_of)
    catalogue, others = load_catalogue(), _Others()
    walks = {
        name: _Walk(archive, dataset, corrections, others) for name, dataset in catalogue.items()
    }
    for release in _in_turn(releases):
        walks[release.dataset].take(release)
    in_order = [walks[name] for name in catalogue]
    reviewed = tuple(release for walk in in_order for release in walk.reviewed)
    waiting = [release.release_id for release in reviewed if release.is_waiting]
    moved = pl.concat([pl.DataFrame(schema=MOVED), *(part for w in in_order for part in w.moved)])
    return Review(
        releases=reviewed,
        moved=moved.filter(pl.col("release_id").is_in(waiting)),
        envelopes=pl.concat(
            [pl.DataFrame(schema=ENVELOPES), *(part for w in in_order for part in w.envelopes)]
        ),
        applied=tuple(applied for walk in in_order for applied in walk.applied),
    )


@dataclass(frozen=True)
class _Others:
    """What the releases of all datasets that were reviewed so far say to the others."""

    totals: SharedTotals = field(default_factory=SharedTotals)
    cells: SharedCells = field(default_factory=SharedCells)
    statements: Statements = field(default_factory=Statements)


class _Walk:
    """The review of one dataset's releases, which are taken oldest first."""

    def __init__(
        self,
        archive: Archive,
        dataset: Dataset,
        corrections: Sequence[Correction],
        others: _Others,
    ) -> None:
        self.reviewed: list[Release] = []
        self.moved: list[pl.DataFrame] = []
        self.envelopes: list[pl.DataFrame] = []
        self.applied: list[Applied] = []
        self._archive = archive
        self._dataset = dataset
        self._corrections = corrections
        self._others = others
        self._current: pl.DataFrame | None = None

    def take(self, release: Release) -> None:
        """Review the next release; the ones after it are compared with it if it is accepted."""
        if release.verdict == "refused" or (
            release.decision and release.decision.verdict != "accepted"
        ):
            self.reviewed.append(_with_verdict(release, ()))  # corrections do not apply to it
            return
        dataset, limits = self._dataset, self._dataset.revisions
        every_row, repairs = repaired(self._rows(release), release, dataset, self._corrections)
        if repairs:
            release = release.model_copy(
                update={
                    "rows": release.rows + len(repairs),
                    "untyped_rows": release.untyped_rows - len(repairs),
                }
            )
        published = every_row.filter(pl.col("problem").is_null())
        rows, applicable = corrected(published, release, dataset, self._corrections)
        self.applied += [*repairs, *applicable]
        findings = [*name_findings(release, dataset), *label_findings(rows, dataset)]
        findings += region_findings(rows, dataset)
        if limits is None:
            findings += self._others.statements.findings(rows, dataset)
            self.reviewed.append(_with_verdict(release, findings))
            if self.reviewed[-1].verdict == "accepted":
                self._others.statements.add(rows, dataset)
            return
        figures = figures_of(rows, release, dataset, limits)
        findings += ended_findings(figures, dataset)
        findings += [Finding("figures_are_exact", found) for found in rounded(figures)]
        findings += self._compared(figures, release, limits)
        sums = sum_findings(published, dataset)
        # a correction may put a sum right, and may change a part of one that was right as published
        findings += sum_findings(rows, dataset) if sums and applicable else sums
        findings += rejected_findings(every_row, figures, self._current, dataset, limits)
        if not dataset.bundled:
            findings += self._others.totals.findings(figures, release, dataset)
            findings += self._others.cells.findings(figures, release, dataset)
        self._conclude(release, findings, rows, figures)

    def _conclude(
        self, release: Release, findings: list[Finding], rows: pl.DataFrame, figures: pl.DataFrame
    ) -> None:
        """Give a release its verdict, and let its figures count as far as it is accepted."""
        gone = self._tables_gone(figures)
        reviewed = _with_verdict(release, findings, held_alone(findings, self._dataset))
        if gone:
            note = f"found no table {', '.join(gone)}, which the release before it has"
            reviewed = reviewed.model_copy(update={"notes": (*reviewed.notes, note)})
        if reviewed.held_tables:
            is_held = pl.col("table_name").is_in(reviewed.held_tables)
            reviewed = reviewed.model_copy(update={"rows": len(rows.filter(~is_held))})
            figures = figures.filter(~is_held)
        self.reviewed.append(reviewed)
        if reviewed.verdict == "accepted":
            absent = (*reviewed.held_tables, *gone)
            limits = self._dataset.revisions
            by_table = limits is not None and limits.detail_varies
            self._current = _replaced(self._current, figures, absent, by_table=by_table)
            self._others.totals.add(figures, reviewed, self._dataset)
            self._others.cells.add(figures, reviewed, self._dataset)
            self._others.statements.add_series(figures, reviewed, self._dataset)

    def _tables_gone(self, figures: pl.DataFrame) -> list[str]:
        """The tables with current figures of which a release has none."""
        if self._current is None or "table_name" not in figures.columns:
            return []
        return sorted(set(self._current["table_name"]) - set(figures["table_name"]))

    def _rows(self, release: Release) -> pl.DataFrame:
        """The rows of a release, rejected ones as well. Raises ArchiveError if an older version of
        the code read them, which the next run does again."""
        path = self._archive.rows_path(release)
        rows = pl.read_parquet(path, glob=False)
        if missing := sorted(set(self._dataset.columns) - set(rows.columns)):
            raise ArchiveError(
                f"{path}: found no column {', '.join(missing)}, as an older version of the code "
                "read the release; `borderledger nightly` or `borderledger fetch` reads it again"
            )
        return rows

    def _compared(
        self, figures: pl.DataFrame, release: Release, limits: RevisionLimits
    ) -> Sequence[Finding]:
        """What a release moved too far of the figures that were current before it."""
        if self._current is None:
            return new_month_findings(figures, self._dataset)
        compared = compare(self._current, figures, self._dataset, limits)
        self.envelopes.append(_envelopes(compared, release))
        if compared.findings:
            self.moved.append(_moved(compared, release, self._dataset))
        return compared.findings


def _in_turn(releases: Iterable[Release]) -> list[Release]:
    """The releases in the order in which they are reviewed: as they were published, so that each
    is compared with what was known by then; of one day, as they came in, so that a faulty one does
    not take the place of one that was accepted before. Transcriptions first: the project has
    proved them, and the others are compared with them. Statements last: they are compared with
    every series."""
    catalogue = load_catalogue()
    came_in: dict[tuple[str, date], datetime] = {}
    turns = []
    for number, release in enumerate(sorted(releases, key=_order)):
        dataset, day = catalogue[release.dataset], (release.dataset, release.published_on)
        # not before the release of its own dataset that it is compared with
        came_in[day] = max(came_in.get(day, release.retrieved_at), release.retrieved_at)
        turn = (
            dataset.revisions is None,
            not dataset.bundled,
            release.published_on,
            came_in[day],
            dataset.name,
            number,
        )
        turns.append((turn, release))
    return [release for _, release in sorted(turns, key=lambda one: one[0])]


def _order(release: Release) -> tuple[object, ...]:
    """The dbt project's order of the releases of one day, the last of which is current. At equal
    dates, months and repost numbers, the release taken in later is compared with the earlier one:
    a file silently replaced behind its URL must not become current without a comparison."""
    return (
        release.published_on,
        release.last_month or date.min,
        release.repost,
        release.retrieved_at,
    )


def _with_verdict(
    release: Release, findings: Sequence[Finding], held_tables: tuple[str, ...] = ()
) -> Release:
    """The release with the decision made on it, else held if a gate holds it or if there are
    findings.

    held_tables: the tables that wait alone, while the rest of the release is accepted.
    """
    decision = release.decision
    if decision is not None:
        reason = f"{decision.verdict} by {decision.by} on {decision.on:%Y-%m-%d}: {decision.reason}"
        return release.model_copy(update={"verdict": decision.verdict, "reason": reason})
    if release.held_by_gate is not None:
        reason = f"{release.file_name}: {release.held_by_gate.describe()}"
        return release.model_copy(update={"verdict": "held", "reason": reason})
    if not findings:
        return release
    alone = f"held in part, {', '.join(held_tables)}: " if held_tables else ""
    sentences = "; ".join(finding.sentence for finding in findings)
    return release.model_copy(
        update={
            "verdict": "accepted" if held_tables else "held",
            "held_tables": held_tables,
            "checks": tuple(dict.fromkeys(finding.check for finding in findings)),
            "reason": f"{release.file_name}: {alone}{sentences}",
        }
    )


def _replaced(
    current: pl.DataFrame | None, figures: pl.DataFrame, absent: tuple[str, ...], *, by_table: bool
) -> pl.DataFrame:
    """The current figures once a release is accepted: each period from the newest release that
    covers it, except in the tables that are absent from it or held.

    by_table: whether its tables may have different periods.
    """
    if current is None:
        return figures
    if by_table and "table_name" in current.columns:
        of_both = ["table_name", "period"]
        return pl.concat([current.join(figures, on=of_both, how="anti"), figures])
    replaced = pl.col("period").is_in(figures["period"].unique().to_list())
    if absent:
        replaced &= ~pl.col("table_name").is_in(absent)
    return pl.concat([current.filter(~replaced), figures])


def _moved(compared: Comparison, release: Release, dataset: Dataset) -> pl.DataFrame:
    series = ["series"] if len(dataset.figures) > 1 else []
    labels = [pl.format(f"{name}: {{}}", name) for name in (*dataset.revised_labels, *series)]
    return compared.moved.select(
        pl.lit(release.release_id).alias("release_id"),
        pl.col("release_id").alias("against_release_id"),
        pl.lit(dataset.name).alias("dataset"),
        "period",
        pl.concat_str(pl.lit(""), *labels, separator="; ").str.strip_prefix("; ").alias("cell"),
        pl.col("before").alias("figure_before"),
        pl.col("after").alias("figure_after"),
        "difference",
    )


def _envelopes(compared: Comparison, release: Release) -> pl.DataFrame:
    return compared.envelope.select(
        pl.lit(release.release_id).alias("release_id"),
        pl.lit(release.dataset).alias("dataset"),
        pl.all(),
    )
