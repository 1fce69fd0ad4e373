"""The tables that a build starts from: one raw table a dataset, the vocabulary, the
releases and the rows that were kept aside.

What belongs here: copying the archive's Parquet into the run's file as it is. Typing and
renaming are the dbt project's business.
"""

import json
from pathlib import Path

import duckdb
import polars as pl

from orchestration.builds.sql import Comments, identifier, literal
from orchestration.releases.archive import Archive, Release
from orchestration.releases.catalogue import Dataset
from orchestration.releases.vocabulary import load_vocabulary
from orchestration.vintages.corrections import Applied
from orchestration.vintages.holds import Judgement

RELEASES: Comments = {
    "release_id": "First 16 hex digits of the sha256 of the file's bytes.",
    "dataset": "Dataset of the catalogue.",
    "verdict": "accepted; held: it revised more than the catalogue allows, and is in no table "
    "until a person decides; or refused: kept in quarantine and in no table.",
    "reason": "Why it was refused or held, or who let it in; NULL where nothing is to be said.",
    "checks": "The checks that refused or hold it, by name; NULL for none.",
    "decided_by": "Who decided on it once it was held; NULL where nobody had to.",
    "decided_on": "When that was (UTC).",
    "decision_reason": "Why.",
    "published_on": "When it was published; known only to the month, that month's last day.",
    "published_precision": "day or month: how exactly the publication date is known.",
    "retrieved_at": "When it came into the archive (UTC).",
    "file_name": "The file's name as published.",
    "source": "Where it came from: a URL, or the path inside a landing folder.",
    "sha256": "Hash of the file's bytes.",
    "size_bytes": "Size of the file.",
    "reader": "The reader that parsed it.",
    "reader_version": "Digest of the code and rules that read and judged it.",
    "rows": "Typed rows.",
    "untyped_rows": "Rows kept aside in meta.quarantine.",
    "first_month": "First month with figures.",
    "last_month": "Last month with figures.",
    "posting": "The number of a file that was posted again under its name; -1 for the first.",
    "notes": "Lines under the table, as published.",
}
RELEASE_TYPES = dict.fromkeys(RELEASES, pl.String()) | {
    "published_on": pl.Date(),
    "retrieved_at": pl.Datetime("us", "UTC"),
    "decided_on": pl.Datetime("us", "UTC"),
    "posting": pl.Int64(),
    "size_bytes": pl.Int64(),
    "rows": pl.Int64(),
    "untyped_rows": pl.Int64(),
    "first_month": pl.Date(),
    "last_month": pl.Date(),
}
QUARANTINE: Comments = {
    "release_id": "The release that holds the row.",
    "dataset": "Dataset of the catalogue.",
    "row_number": "The row's line in the file, or its row in the sheet, from 1.",
    "reason": "Why the row could not be typed.",
    "cells": "The row's cells as published, as JSON.",
}
VOCABULARY: Comments = {
    "dimension": "The dimension that the label belongs to.",
    "spelling": "An accepted spelling, in lower case and single spaces.",
    "label": "The label that it stands for.",
    "category": "The last name that the label was given; equal for labels of one category.",
    "abbreviation": "CBP's abbreviation of the label.",
    "meaning": "What the label means.",
}
HELD_CELLS: Comments = {
    "release_id": "The held release.",
    "against_release_id": "The release that tells the period without it.",
    "dataset": "Dataset of the catalogue.",
    "period": "The first day of the month, or the fiscal year (FY2024).",
    "cell": "The labels that tell the cell from the others of the period.",
    "figure_before": "The figure of the release before; NULL where it lacks the cell.",
    "figure_after": "The figure of the held release; NULL where it lacks the cell.",
    "difference": "figure_after less figure_before, a lacking cell counted as none.",
}
ROW_ENVELOPES: Comments = {
    "release_id": "The release.",
    "dataset": "Dataset of the catalogue.",
    "month": "First day of the month.",
    "rows": "Figures that the release has for the month.",
    "at_least": "The fewest that it may have.",
    "at_most": "The most that it may have.",
    "is_exact": "Whether the month was closed, so that it has as many as before; else the "
    "bounds are learned from the twelve months up to it.",
}
CORRECTIONS: Comments = {
    "name": "The correction.",
    "dataset": "Dataset of the catalogue.",
    "release_id": "A release that shows the error.",
    "cells": "The labels that tell the rows, as JSON.",
    "column": "The figure's column; NULL where the dataset has one.",
    "expects": "The sum of the figures that were found, as published.",
    "use": "The figure in its place; NULL where the rows are left out.",
    "leave_out": "Whether the rows are left out.",
    "reason": "What is wrong, and how it is known.",
    "source": "Where that can be read.",
    "since": "The publication from which on the error is there.",
    "until": "The publication from which on it is gone; NULL while it lasts.",
    "rows": "Rows that it changes or leaves out.",
}
CORRECTION_TYPES = dict.fromkeys(CORRECTIONS, pl.String()) | {
    "expects": pl.Int64(),
    "use": pl.Int64(),
    "leave_out": pl.Boolean(),
    "since": pl.Date(),
    "until": pl.Date(),
    "rows": pl.Int64(),
}
DERIVED: Comments = {
    "release_id": "The release that holds the row.",
    "row_number": "The row's line in the file, or its row in the sheet, from 1.",
    "problem": "Why the row cannot be typed; NULL if it can.",
    "month_start": "First day of the row's month, as text.",
    "correction": "The correction that changes the row or leaves it out; see meta.corrections.",
    "corrected_column": "The column whose figure it changes.",
    "corrected_figure": "The figure that it puts in its place.",
}


def load_raw_dataset(
    connection: duckdb.DuckDBPyConnection,
    archive: Archive,
    dataset: Dataset,
    judgement: Judgement,
) -> None:
    """Make `raw.<dataset>` from every accepted release; without one, an empty table."""
    columns = ["release_id", "row_number", *dataset.columns, "problem", "month_start"]
    corrections = ["correction", "corrected_column", "corrected_figure"]
    table = f"raw.{identifier(dataset.name)}"
    paths = [literal(archive.rows_path(release)) for release in judgement.accepted(dataset.name)]
    if paths:  # in one statement: inserts one by one pass through the write-ahead log as well
        listed = ", ".join(map(identifier, columns))
        uncorrected = ", ".join(f"null::varchar as {name}" for name in corrections)
        rows = f"select {listed}, {uncorrected} from read_parquet([{', '.join(paths)}])"
        connection.execute(f"create or replace table {table} as {rows}")
    else:
        types = {name: "INTEGER" if name == "row_number" else "VARCHAR" for name in columns}
        types |= dict.fromkeys(corrections, "VARCHAR")
        declared = ", ".join(f"{identifier(name)} {kind}" for name, kind in types.items())
        connection.execute(f"create or replace table {table} ({declared})")
    for applied in judgement.applied:
        if applied.correction.dataset == dataset.name:
            _correct(connection, table, applied)
    comments = {name: column.description for name, column in dataset.columns.items()}
    comment_on(connection, table, f"{dataset.title}: every cell as published.", comments | DERIVED)


def load_provenance(
    connection: duckdb.DuckDBPyConnection,
    judgement: Judgement,
    catalogue: dict[str, Dataset],
    folder: Path,
) -> None:
    """Make `raw.vocabulary` and the tables of provenance in `meta`; `folder` takes the
    Parquet files through which they pass."""
    rows = [_record(release) for release in judgement.releases]
    records = pl.DataFrame(rows, schema=RELEASE_TYPES)
    _load(connection, folder, "meta.releases", records)
    title = "One row a release, accepted, held or refused."
    comment_on(connection, "meta.releases", title, RELEASES)
    _load(connection, folder, "meta.held_cells", judgement.moved)
    title = "One row a cell that moved in a held release, against the release before it."
    comment_on(connection, "meta.held_cells", title, HELD_CELLS)
    envelopes = judgement.envelopes.with_columns(pl.col("month").str.to_date())
    _load(connection, folder, "meta.row_envelopes", envelopes)
    title = "One row a release and month: how many rows it has, and may have."
    comment_on(connection, "meta.row_envelopes", title, ROW_ENVELOPES)
    corrections = pl.DataFrame(list(map(_correction, judgement.applied)), schema=CORRECTION_TYPES)
    _load(connection, folder, "meta.corrections", corrections)
    title = "One row a correction of a publisher's error and release that it applies to."
    comment_on(connection, "meta.corrections", title, CORRECTIONS)
    _load(connection, folder, "raw.vocabulary", pl.DataFrame(load_vocabulary().rows()))
    comment_on(connection, "raw.vocabulary", "One row a spelling of a label.", VOCABULARY)
    aside = " union all ".join(
        f"""select release_id, {literal(name)} as dataset, row_number, problem as reason,
            to_json({{{", ".join(f"{literal(c)}: {identifier(c)}" for c in dataset.columns)}}})
            as cells from raw.{identifier(name)} where problem is not null"""
        for name, dataset in catalogue.items()
    )
    connection.execute(f"create or replace table meta.quarantine as {aside}")
    comment_on(
        connection, "meta.quarantine", "One row a published row that cannot be typed.", QUARANTINE
    )


def accepted_datasets(database: Path) -> set[str]:
    """The datasets of which a build has an accepted release."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select distinct dataset from meta.releases where verdict = 'accepted'"
        ).fetchall()
    return {dataset for (dataset,) in rows}


def comment_on(
    connection: duckdb.DuckDBPyConnection, table: str, text: str, columns: Comments
) -> None:
    """Put a comment on a table and on each of its columns."""
    connection.execute(f"comment on table {table} is {literal(text)}")
    for column, description in columns.items():
        target = f"{table}.{identifier(column)}"
        connection.execute(f"comment on column {target} is {literal(description)}")


def _correct(connection: duckdb.DuckDBPyConnection, table: str, applied: Applied) -> None:
    """Put a correction beside the rows of a release; rows that it leaves out are kept aside."""
    correction = applied.correction
    here = [f"release_id = {literal(applied.release_id)}", "problem is null"] + [
        f"{identifier(name)} in ({', '.join(map(literal, texts))})"
        for name, texts in applied.texts.items()
    ]
    if correction.leave_out:
        change = f"problem = {literal(f'left out by correction {correction.name}')}"
    else:
        change = (
            f"corrected_column = {literal(correction.figure)},"
            f" corrected_figure = {literal(str(correction.use))}"
        )
    connection.execute(
        f"update {table} set correction = {literal(correction.name)}, {change}"
        f" where {' and '.join(here)}"
    )


def _record(release: Release) -> dict[str, object]:
    record = release.model_dump(include=set(RELEASES)) | {"posting": release.posting}
    decision = release.decision
    decided = {
        "decided_by": decision.by if decision else None,
        "decided_on": decision.on if decision else None,
        "decision_reason": decision.reason if decision else None,
    }
    texts = {"notes": json.dumps(release.notes), "checks": ", ".join(release.checks) or None}
    return record | decided | texts


def _correction(applied: Applied) -> dict[str, object]:
    record = applied.correction.model_dump(include=set(CORRECTIONS))
    cells = json.dumps(applied.correction.cells)
    return record | {"release_id": applied.release_id, "rows": applied.rows, "cells": cells}


def _load(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: str, rows: pl.DataFrame
) -> None:
    path = folder / f"{table}.parquet"
    rows.write_parquet(path)
    connection.execute(f"create or replace table {table} as from read_parquet({literal(path)})")
    path.unlink()
