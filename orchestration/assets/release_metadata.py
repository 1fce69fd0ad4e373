"""What an archive asset shows of its releases: all of them, and what a person must decide.

What belongs here: metadata narrow enough for the UI, whose page leaves some 350 pixels for a value
in a window of 1280. Long texts therefore stand in lists, and a table has the beginnings of ids. The
UI shows Markdown of more than a thousand characters in a wide dialog.
"""

from collections.abc import Sequence

import dagster as dg
import polars as pl

from orchestration.gates.check_results import example_rows
from orchestration.printable import printable
from orchestration.releases.release import Release

CELLS_SHOWN = 100
MARKS = "\\`*_~[]<>|#"  # the backslash first
COLUMNS = {
    "published": "string",
    "verdict": "string",
    "rows": "int",
    "months": "string",
    "release": "string",
}
ID_SHOWN = 8  # characters of a release's id; commands and jobs take the beginning of one

Metadata = dict[str, dg.MetadataValue]


def release_rows(releases: Sequence[Release]) -> dg.MetadataValue:
    """Every release, newest first, as a table without long texts. Those are in `release_reasons`
    and `held_release`."""
    return dg.MetadataValue.table(
        records=[dg.TableRecord(_row(release)) for release in _newest_first(releases)],
        schema=dg.TableSchema([dg.TableColumn(name, kind) for name, kind in COLUMNS.items()]),
    )


def release_reasons(releases: Sequence[Release]) -> dg.MetadataValue | None:
    """Why releases are refused, or what was decided on them, newest first, as a list; None if there
    is no such release. Those that wait for a decision are left out."""
    lines = [
        f"- {release.published}, `{release.release_id}`, {_escaped(release.file_name)}:"
        f" {_escaped('; '.join(release.findings))}"
        for release in _newest_first(releases)
        if release.reason and not release.is_waiting
    ]
    return dg.MetadataValue.md("\n".join(lines)) if lines else None


def held_release(release: Release, moved: pl.DataFrame) -> Metadata:
    """What a person needs to decide on a release that waits: what was found, the cells that moved,
    the rows that failed a gate, and how to decide.

    moved: the review's cells that moved; those of other releases are left out.
    """
    name = f"held {release.release_id[:ID_SHOWN]}"
    cells = moved.filter(pl.col("release_id") == release.release_id)
    metadata: Metadata = {name: dg.MetadataValue.md(_found(release))}
    if not cells.is_empty():
        metadata[f"{name}: cells that moved"] = dg.MetadataValue.md(_cells(cells))
    if release.held_by_gate and release.held_by_gate.examples:
        metadata[f"{name}: rows that failed"] = example_rows(release.held_by_gate.examples)
    metadata[f"{name}: how to decide"] = dg.MetadataValue.md(_commands(release))
    return metadata


def _newest_first(releases: Sequence[Release]) -> list[Release]:
    return sorted(releases, key=lambda r: (r.published_on, r.release_id), reverse=True)


def _row(release: Release) -> dict[str, str | int]:
    months = f"{release.first_month:%Y-%m} to {release.last_month:%Y-%m}" if release.rows else ""
    return {
        "published": str(release.published),
        "verdict": "accepted in part" if release.held_tables else release.verdict,
        "rows": release.rows,
        "months": months,
        "release": release.release_id[:ID_SHOWN],
    }


def _found(release: Release) -> str:
    """The release, and each finding on a line of its own."""
    lines = [f"- {_escaped(finding)}" for finding in release.findings]
    head = f"{_escaped(release.file_name)}, published {release.published}"
    return "\n".join([head, "", *lines])


def _cells(cells: pl.DataFrame) -> str:
    """The cells that moved as a Markdown table, largest change first, figures side by side. The
    period stands with the cell's labels, because a column of its own does not fit."""
    lines = ["| cell | before | after | difference |", "| --- | ---: | ---: | ---: |"]
    for row in cells[:CELLS_SHOWN].iter_rows(named=True):
        before, after = (
            "none" if row[name] is None else f"{row[name]:,}"
            for name in ("figure_before", "figure_after")
        )
        cell = f"{row['period']} {_escaped(row['cell'])}"
        lines.append(f"| {cell} | {before} | {after} | {row['difference']:+,} |")
    if len(cells) > CELLS_SHOWN:
        more, release_id = len(cells) - CELLS_SHOWN, cells["release_id"][0]
        lines += ["", f"And {more:,} more: `borderledger releases {release_id}` lists them all."]
    return "\n".join(lines)


def _commands(release: Release) -> str:
    """The commands as plain text, because the UI does not wrap code."""
    return (
        f'borderledger accept {release.release_id} --reason "…"\n\n'
        f'borderledger refuse {release.release_id} --reason "…"\n\n'
        "Here in the UI: the job `decide`; for a wrong publication date the job `redate`."
    )


def _escaped(text: str) -> str:
    """Text from a file on one line, in which nothing is Markdown, HTML or a control character."""
    text = printable(text)
    for mark in MARKS:
        text = text.replace(mark, f"\\{mark}")
    return text
