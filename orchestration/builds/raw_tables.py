"""The tables that a build starts from: one raw table a dataset, the vocabulary, the
releases and the rows that were kept aside.

What belongs here: copying the archive's Parquet into the run's file as it is. Typing and
renaming are the dbt project's business.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb
import polars as pl

from orchestration.builds.sql import Comments, identifier, literal
from orchestration.releases.archive import Archive, Release
from orchestration.releases.catalogue import Dataset
from orchestration.releases.vocabulary import load_vocabulary

RELEASES: Comments = {
    "release_id": "First 16 hex digits of the sha256 of the file's bytes.",
    "dataset": "Dataset of the catalogue.",
    "verdict": "accepted, or refused: kept in quarantine and in no table.",
    "reason": "Why it was refused; NULL for an accepted release.",
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
    "notes": "Lines under the table, as published.",
}
RELEASE_TYPES = dict.fromkeys(RELEASES, pl.String()) | {
    "published_on": pl.Date(),
    "retrieved_at": pl.Datetime("us", "UTC"),
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
DERIVED: Comments = {
    "release_id": "The release that holds the row.",
    "row_number": "The row's line in the file, or its row in the sheet, from 1.",
    "problem": "Why the row cannot be typed; NULL if it can.",
    "month_start": "First day of the row's month, as text.",
}


def load_raw_dataset(
    connection: duckdb.DuckDBPyConnection, archive: Archive, dataset: Dataset
) -> None:
    """Make `raw.<dataset>` from every accepted release; without one, an empty table."""
    columns = ["release_id", "row_number", *dataset.columns, "problem", "month_start"]
    table = f"raw.{identifier(dataset.name)}"
    paths = [literal(archive.rows_path(release)) for release in archive.accepted(dataset.name)]
    if paths:  # in one statement: inserts one by one pass through the write-ahead log as well
        listed = ", ".join(map(identifier, columns))
        rows = f"select {listed} from read_parquet([{', '.join(paths)}])"
        connection.execute(f"create or replace table {table} as {rows}")
    else:
        types = {name: "INTEGER" if name == "row_number" else "VARCHAR" for name in columns}
        declared = ", ".join(f"{identifier(name)} {types[name]}" for name in columns)
        connection.execute(f"create or replace table {table} ({declared})")
    comments = {name: column.description for name, column in dataset.columns.items()}
    comment_on(connection, table, f"{dataset.title}: every cell as published.", comments | DERIVED)


def load_provenance(
    connection: duckdb.DuckDBPyConnection,
    releases: Iterable[Release],
    catalogue: dict[str, Dataset],
    folder: Path,
) -> None:
    """Make `meta.releases`, `meta.quarantine` and `raw.vocabulary`; `folder` takes the
    Parquet files through which they pass."""
    records = pl.DataFrame([_record(release) for release in releases], schema=RELEASE_TYPES)
    _load(connection, folder, "meta.releases", records)
    comment_on(connection, "meta.releases", "One row a release, accepted or refused.", RELEASES)
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


def comment_on(
    connection: duckdb.DuckDBPyConnection, table: str, text: str, columns: Comments
) -> None:
    """Put a comment on a table and on each of its columns."""
    connection.execute(f"comment on table {table} is {literal(text)}")
    for column, description in columns.items():
        target = f"{table}.{identifier(column)}"
        connection.execute(f"comment on column {target} is {literal(description)}")


def _record(release: Release) -> dict[str, object]:
    record = release.model_dump(include=set(RELEASES))
    return record | {"notes": json.dumps(release.notes)}


def _load(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: str, rows: pl.DataFrame
) -> None:
    path = folder / f"{table}.parquet"
    rows.write_parquet(path)
    connection.execute(f"create or replace table {table} as from read_parquet({literal(path)})")
    path.unlink()
