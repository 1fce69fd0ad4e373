"""The review of one release after the other: each is compared with the figures that were current
before it, and has a result.

What belongs here: what a release is compared with, in which order, and what of it counts for those
after it. Which results are kept for the next review is decided in `stored`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from orchestration.catalogue.corrections import Correction
from orchestration.catalogue.dataset import Dataset, RevisionLimits
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.release import Release
from orchestration.review.comparison import Comparison, compare
from orchestration.review.corrections import Applied, corrected, repaired
from orchestration.review.current import Counted, Current, Memory, covered
from orchestration.review.figures import figures_of
from orchestration.review.finding import Finding, held_alone
from orchestration.review.labels import ended_findings, label_findings
from orchestration.review.names import name_findings
from orchestration.review.new_months import new_month_findings
from orchestration.review.regions import region_findings
from orchestration.review.rejected import rejected_findings
from orchestration.review.result import COVERS, NO_ENVELOPES, NONE_MOVED, NOT_IN_KEY, Keys, Result
from orchestration.review.shared_cells import SharedCells
from orchestration.review.shared_totals import SharedTotals, totals_of
from orchestration.review.slips import rounded
from orchestration.review.statements import Statements
from orchestration.review.sums import sum_findings


class Others:
    """What the releases of all datasets that were accepted so far say to the others.

    made_by: a hash over the code and its rules, corrections included.
    """

    def __init__(self, made_by: str) -> None:
        self.keys = Keys(made_by)
        self.memory = Memory()
        self.totals = SharedTotals()
        self.cells = SharedCells(self.memory)
        self.statements = Statements()


@dataclass(frozen=True)
class _Rows:
    """The rows of a release with the corrections that apply: every row; the typed ones as they
    were published; the typed ones as corrected; the corrections."""

    every: pl.DataFrame
    published: pl.DataFrame
    typed: pl.DataFrame
    repairs: list[Applied]
    applicable: list[Applied]


class Walk:
    """The review of one dataset's releases, which are taken in the order of their publication."""

    def __init__(
        self,
        archive: Archive,
        dataset: Dataset,
        corrections: Sequence[Correction],
        others: Others,
    ) -> None:
        limits = dataset.revisions
        self._archive = archive
        self._dataset = dataset
        self._corrections = corrections
        self._others = others
        self._current = Current(others.memory, by_table=limits is not None and limits.detail_varies)

    def take(
        self, release: Release, known: Mapping[str, Result], *, is_presumed: bool = False
    ) -> Result:
        """Review the next release; the ones after it are compared with it if it is accepted.

        known: results by their keys; a release with one of these keys is not reviewed again.
        is_presumed: nothing is looked for in it, so that its result is as if nothing were found.
        Raises CorrectionError and ArchiveError as `review` does.
        """
        key = self._others.keys.of(release)
        figures = None
        if (found := known.get(key)) is not None:
            as_stored = {name: getattr(release, name) for name in NOT_IN_KEY}
            result = replace(found, release=found.release.model_copy(update=as_stored))
        else:
            result, figures = self._reviewed(release, is_presumed=is_presumed)
            result = replace(result, key=key)
        if result.release.verdict == "accepted":
            self._count(result, figures)
        return result

    def _reviewed(
        self, release: Release, *, is_presumed: bool
    ) -> tuple[Result, pl.DataFrame | None]:
        """The result of a release, without its key, and the figures of it that count."""
        if release.verdict == "refused" or (
            release.decision and release.decision.verdict != "accepted"
        ):
            # corrections do not apply to it
            return Result("", _with_verdict(release, ())), None
        rows, limits = self._rows(release), self._dataset.revisions
        if repairs := len(rows.repairs):
            counts = {
                "rows": release.rows + repairs,
                "untyped_rows": release.untyped_rows - repairs,
            }
            release = release.model_copy(update=counts)
        applied = (*rows.repairs, *rows.applicable)
        if limits is None:
            findings = [] if is_presumed else self._findings_of_statements(rows, release)
            return Result("", _with_verdict(release, findings), applied), None
        figures = figures_of(rows.typed, release, self._dataset, limits)
        if is_presumed:
            result, counts_of = self._concluded(release, [], rows.typed, figures)
            return replace(result, applied=applied), counts_of
        findings, compared = self._findings(rows, release, figures, limits)
        result, counts_of = self._concluded(release, findings, rows.typed, figures)
        if compared:
            result = replace(
                result,
                moved=_moved(compared, result.release, self._dataset),
                envelopes=_envelopes(compared, release),
            )
        return replace(result, applied=applied), counts_of

    def _findings_of_statements(self, rows: _Rows, release: Release) -> list[Finding]:
        return [
            *_of_labels(rows, release, self._dataset),
            *self._others.statements.findings(rows.typed, self._dataset),
        ]

    def _findings(
        self, rows: _Rows, release: Release, figures: pl.DataFrame, limits: RevisionLimits
    ) -> tuple[list[Finding], Comparison | None]:
        """What is found in a release of figures, and how it compares with those that are current;
        None for the first release."""
        dataset, others = self._dataset, self._others
        current = self._current.figures()
        compared = None if current is None else compare(current, figures, dataset, limits)
        findings = [
            *_of_labels(rows, release, dataset),
            *ended_findings(figures, dataset),
            *(Finding("figures_are_exact", found) for found in rounded(figures)),
            *(compared.findings if compared else new_month_findings(figures, dataset)),
            *_sums(rows, dataset),
            *rejected_findings(rows.every, figures, current, dataset, limits),
        ]
        if not dataset.bundled:
            findings += others.totals.findings(figures, release, dataset)
            findings += others.cells.findings(figures, release, dataset)
        return findings, compared

    def _concluded(
        self, release: Release, findings: list[Finding], rows: pl.DataFrame, figures: pl.DataFrame
    ) -> tuple[Result, pl.DataFrame]:
        """A release with its verdict, and its figures as far as it is accepted."""
        reviewed = _with_verdict(release, findings, held_alone(findings, self._dataset))
        if gone := self._tables_gone(figures):
            note = f"found no table {', '.join(gone)}, which the release before it has"
            reviewed = reviewed.model_copy(update={"notes": (*reviewed.notes, note)})
        if reviewed.held_tables:
            kept = rows.filter(~pl.col("table_name").is_in(reviewed.held_tables))
            reviewed = reviewed.model_copy(update={"rows": len(kept)})
        if reviewed.verdict != "accepted":
            return Result("", reviewed), figures
        figures = _without_held(figures, reviewed)
        of_release = {"dataset": release.dataset, "release_id": release.release_id}
        parts = [(*of_release.values(), *part) for part in covered(figures)]
        return (
            Result(
                "",
                reviewed,
                totals=totals_of(figures, reviewed, self._dataset),
                covers=pl.DataFrame(parts, schema=COVERS, orient="row"),
            ),
            figures,
        )

    def _count(self, result: Result, figures: pl.DataFrame | None) -> None:
        """Let an accepted release count for those after it. figures: if they are in memory."""
        release, others = result.release, self._others
        others.keys.add(release)
        if self._dataset.revisions is None:
            others.statements.add(self._rows(release).typed, self._dataset)
            return
        counted = Counted(
            release,
            frozenset(result.covers.select("table_name", "period").iter_rows()),
            {
                str(part["series"][0]): frozenset(part["period"])
                for part in result.totals.partition_by("series")
            },
            partial(self._figures, release, self._dataset.revisions),
        )
        if figures is not None:
            others.memory.keep(counted, figures)
        self._current.add(counted)
        others.totals.add(result.totals)
        others.cells.add(counted, self._dataset)
        others.statements.add_series(result.totals, release)

    def _tables_gone(self, figures: pl.DataFrame) -> list[str]:
        """The tables with current figures of which a release has none."""
        if "table_name" not in figures.columns:
            return []
        return sorted(self._current.tables() - set(figures["table_name"].unique()))

    def _figures(self, release: Release, limits: RevisionLimits) -> pl.DataFrame:
        """The figures of an accepted release, read from the archive."""
        figures = figures_of(self._rows(release).typed, release, self._dataset, limits)
        return _without_held(figures, release)

    def _rows(self, release: Release) -> _Rows:
        """The rows of a release, corrected. Raises CorrectionError; and ArchiveError if an older
        version of the code read them, which the next run does again."""
        path = self._archive.rows_path(release)
        rows = pl.read_parquet(path, glob=False)
        if missing := sorted(set(self._dataset.columns) - set(rows.columns)):
            raise ArchiveError(
                f"{path}: found no column {', '.join(missing)}, as an older version of the code "
                "read the release; `borderledger nightly` or `borderledger fetch` reads it again"
            )
        every, repairs = repaired(rows, release, self._dataset, self._corrections)
        published = every.filter(pl.col("problem").is_null())
        typed, applicable = corrected(published, release, self._dataset, self._corrections)
        return _Rows(every, published, typed, repairs, applicable)


def _of_labels(rows: _Rows, release: Release, dataset: Dataset) -> list[Finding]:
    """What is wrong with a release's names, labels and regions."""
    return [
        *name_findings(release, dataset),
        *label_findings(rows.typed, dataset),
        *region_findings(rows.typed, dataset),
    ]


def _sums(rows: _Rows, dataset: Dataset) -> list[Finding]:
    """Where the parts of a release do not add up. A correction may put a sum right, and may change
    a part of one that was right as published."""
    published = list(sum_findings(rows.published, dataset))
    if published and rows.applicable:
        return list(sum_findings(rows.typed, dataset))
    return published


def _without_held(figures: pl.DataFrame, release: Release) -> pl.DataFrame:
    """The figures of a release that are not in a held table."""
    if not release.held_tables:
        return figures
    return figures.filter(~pl.col("table_name").is_in(release.held_tables))


def _with_verdict(
    release: Release, findings: Sequence[Finding], held_tables: tuple[str, ...] = ()
) -> Release:
    """The release with the decision made on it, else held if a gate holds it or if there are
    findings. One that a person has accepted keeps what it was held for.

    held_tables: the tables that wait alone, while the rest of the release is accepted.
    """
    decision, gate = release.decision, release.held_by_gate
    found = [finding.sentence for finding in findings]
    if decision is not None:
        reason = f"{decision.verdict} by {decision.by} on {decision.on:%Y-%m-%d}: {decision.reason}"
        held_for = (*([gate.describe()] if gate else []), *found)
        return release.model_copy(
            update={"verdict": decision.verdict, "reason": reason, "held_for": held_for}
        )
    if gate is not None:
        reason = f"{release.file_name}: {gate.describe()}"
        return release.model_copy(update={"verdict": "held", "reason": reason})
    if not found:
        return release
    alone = f"held in part, {', '.join(held_tables)}: " if held_tables else ""
    sentences = (f"{alone}{found[0]}", *found[1:])
    return release.model_copy(
        update={
            "verdict": "accepted" if held_tables else "held",
            "held_tables": held_tables,
            "checks": tuple(dict.fromkeys(finding.check for finding in findings)),
            "held_for": sentences,
            "reason": f"{release.file_name}: {'; '.join(sentences)}",
        }
    )


def _moved(compared: Comparison, release: Release, dataset: Dataset) -> pl.DataFrame:
    """The cells that moved, if the release waits for a decision."""
    if not compared.findings or not release.is_waiting:
        return NONE_MOVED
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
    if compared.envelope.is_empty():
        return NO_ENVELOPES
    return compared.envelope.select(
        pl.lit(release.release_id).alias("release_id"),
        pl.lit(release.dataset).alias("dataset"),
        pl.all(),
    )
