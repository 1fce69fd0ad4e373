"""The tables that a build starts from: one raw table a dataset, the vocabulary, the
releases and the rows that were kept aside.

What belongs here: copying the archive's Parquet into the run's file as it is. Typing and
renaming are the dbt project's business.
"""

import json
from pathlib import Path

import duckdb
import polars as pl

from orchestration.builds.comments import (
    CORRECTION_TYPES,
    CORRECTIONS,
    DERIVED,
    HELD_CELLS,
    QUARANTINE,
    RELEASE_TYPES,
    RELEASES,
    ROW_ENVELOPES,
    VOCABULARY,
)
from orchestration.builds.sql import Comments, identifier, literal
from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.corrections import Applied
from orchestration.review.review import Review


def load_raw_dataset(
    connection: duckdb.DuckDBPyConnection,
    archive: Archive,
    dataset: Dataset,
    reviewed: Review,
) -> None:
    """Make `raw.<dataset>` from every accepted release; without one, an empty table."""
    columns = ["release_id", "row_number", *dataset.columns, "problem", "month_start"]
    corrections = ["correction", "corrected_column", "corrected_figure"]
    table = f"raw.{identifier(dataset.name)}"
    paths = [literal(archive.rows_path(release)) for release in reviewed.accepted(dataset.name)]
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
    for applied in reviewed.applied:
        if applied.correction.dataset == dataset.name:
            _correct(connection, table, applied)
    comments = {name: column.description for name, column in dataset.columns.items()}
    comment_on(connection, table, f"{dataset.title}: every cell as published.", comments | DERIVED)


def load_provenance(
    connection: duckdb.DuckDBPyConnection,
    reviewed: Review,
    catalogue: dict[str, Dataset],
    folder: Path,
) -> None:
    """Make `raw.vocabulary` and the tables of provenance in `meta`; `folder` takes the
    Parquet files through which they pass."""
    rows = [_record(release) for release in reviewed.releases]
    records = pl.DataFrame(rows, schema=RELEASE_TYPES)
    _load(connection, folder, "meta.releases", records)
    title = "One row a release, accepted, held or refused."
    comment_on(connection, "meta.releases", title, RELEASES)
    _load(connection, folder, "meta.held_cells", reviewed.moved)
    title = "One row a cell that moved in a held release, against the release before it."
    comment_on(connection, "meta.held_cells", title, HELD_CELLS)
    envelopes = reviewed.envelopes.with_columns(pl.col("month").str.to_date())
    _load(connection, folder, "meta.row_envelopes", envelopes)
    title = "One row a release and month: how many rows it has, and may have."
    comment_on(connection, "meta.row_envelopes", title, ROW_ENVELOPES)
    corrections = pl.DataFrame(list(map(_correction, reviewed.applied)), schema=CORRECTION_TYPES)
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
    connection.execute(f"create or replace table meta.rejected_rows as {aside}")
    comment_on(
        connection,
        "meta.rejected_rows",
        "One row a published row that cannot be typed.",
        QUARANTINE,
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
    record = release.model_dump(include=set(RELEASES)) | {"repost": release.repost}
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
