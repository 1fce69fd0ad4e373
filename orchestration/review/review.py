"""Which releases are accepted: each is compared with the figures that were current before it, and
held if it moves them beyond the catalogue's limits, until a person decides.

What belongs here: the walk through a dataset's releases in the order of their publication. The
result depends on the archive alone, not on the order in which the releases were taken in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import polars as pl

from orchestration.catalogue.corrections import Correction, load_corrections
from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.comparison import ENVELOPE, Comparison, Finding, compare, leaps
from orchestration.review.corrections import Applied, corrected
from orchestration.review.figures import figures_of
from orchestration.review.names import name_findings

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
class Review:
    """The releases of an archive with their verdicts after review.

    releases: all of them; `held` are those that moved too far and have no decision yet.
    moved: one row per cell that changed in a held release, largest change first.
    envelopes: one row per release and month: its number of rows, and the bounds on it.
    applied: the corrections that apply.
    """

    releases: tuple[Release, ...]
    moved: pl.DataFrame
    envelopes: pl.DataFrame
    applied: tuple[Applied, ...]

    def accepted(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("accepted", dataset)

    def held(self, dataset: str | None = None) -> list[Release]:
        return self._with_verdict("held", dataset)

    def _with_verdict(self, verdict: str, dataset: str | None) -> list[Release]:
        return [r for r in self.releases if r.verdict == verdict and dataset in (None, r.dataset)]


def review(
    archive: Archive,
    as_of: date | None = None,
    corrections: Sequence[Correction] | None = None,
) -> Review:
    """Review every release of an archive, or those published by a day. Raises CorrectionError if
    a correction does not find the figure it expects.

    corrections: default: those of the project.
    """
    if corrections is not None:
        return _review(archive, as_of, corrections)
    return _review_once(archive.root, archive.digest(as_of), as_of)


@lru_cache(maxsize=2)
def _review_once(root: Path, digest: str, as_of: date | None) -> Review:
    """The review, cached because several steps of a run need it. digest: of the archive's
    content, so that a changed archive is reviewed anew."""
    return _review(Archive(root), as_of, load_corrections())


def _review(archive: Archive, as_of: date | None, corrections: Sequence[Correction]) -> Review:
    releases = archive.releases(as_of)
    walks = [
        _walk(archive, dataset, mine, corrections)
        for dataset in load_catalogue().values()
        if (mine := [r for r in releases if r.dataset == dataset.name])
    ]
    return Review(
        releases=tuple(release for walk in walks for release in walk.releases),
        moved=pl.concat([pl.DataFrame(schema=MOVED), *(walk.moved for walk in walks)]),
        envelopes=pl.concat([pl.DataFrame(schema=ENVELOPES), *(walk.envelopes for walk in walks)]),
        applied=tuple(applied for walk in walks for applied in walk.applied),
    )


def _walk(
    archive: Archive, dataset: Dataset, releases: list[Release], corrections: Sequence[Correction]
) -> Review:
    """Review the releases of one dataset, oldest first."""
    reviewed, applied = [], []
    moved, envelopes = [pl.DataFrame(schema=MOVED)], [pl.DataFrame(schema=ENVELOPES)]
    current: pl.DataFrame | None = None
    may_leap = dataset.revisions is None or dataset.revisions.new_month_times is None
    alone = may_leap and sum(release.verdict == "accepted" for release in releases) == 1
    for release in sorted(releases, key=_order):
        if "refused" in (release.verdict, release.decision and release.decision.verdict):
            reviewed.append(_with_verdict(release, ()))  # corrections do not apply to it
            continue
        if alone and not any(
            known.applies_to(release.dataset, release.published_on) for known in corrections
        ):
            # there is nothing to compare it with
            reviewed.append(_with_verdict(release, name_findings(release, dataset)))
            continue
        rows = pl.read_parquet(archive.rows_path(release)).filter(pl.col("problem").is_null())
        rows, applicable = corrected(rows, release, dataset, corrections)
        applied += applicable
        by_name = name_findings(release, dataset)
        if dataset.revisions is None:
            reviewed.append(_with_verdict(release, by_name))
            continue
        figures = figures_of(rows, release, dataset, dataset.revisions)
        if current is None:
            findings = leaps(figures, dataset, dataset.revisions)
        else:
            compared = compare(current, figures, dataset, dataset.revisions)
            findings = compared.findings
            envelopes.append(_envelopes(compared, release))
            if findings:
                moved.append(_moved(compared, release, dataset))
        reviewed.append(_with_verdict(release, (*by_name, *findings)))
        if reviewed[-1].verdict == "accepted":
            current = _current(current, figures)
    held = [release.release_id for release in reviewed if release.verdict == "held"]
    return Review(
        tuple(reviewed),
        pl.concat(moved).filter(pl.col("release_id").is_in(held)),
        pl.concat(envelopes),
        tuple(applied),
    )


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


def _with_verdict(release: Release, findings: tuple[Finding, ...]) -> Release:
    """The release with the decision made on it, else held if a gate holds it or if there are
    findings."""
    decision = release.decision
    if decision is not None:
        reason = f"{decision.verdict} by {decision.by} on {decision.on:%Y-%m-%d}: {decision.reason}"
        return release.model_copy(update={"verdict": decision.verdict, "reason": reason})
    if release.held_by_gate is not None:
        reason = f"{release.file_name}: {release.held_by_gate.describe()}"
        return release.model_copy(update={"verdict": "held", "reason": reason})
    if findings:
        reason = f"{release.file_name}: {'; '.join(finding.sentence for finding in findings)}"
        checks = tuple(dict.fromkeys(finding.check for finding in findings))
        return release.model_copy(update={"verdict": "held", "checks": checks, "reason": reason})
    return release


def _current(current: pl.DataFrame | None, figures: pl.DataFrame) -> pl.DataFrame:
    """The current figures once a release is accepted: each period from the newest release that
    covers it."""
    if current is None:
        return figures
    covered = figures["period"].unique().to_list()
    return pl.concat([current.filter(~pl.col("period").is_in(covered)), figures])


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
