"""The tables that a build starts from: one raw table per dataset, the vocabulary, the releases,
the rejected rows and what the review found.

What belongs here: copying the archive's Parquet into the run's file unchanged. Typing and
renaming belong to the dbt project.
"""

import json
from pathlib import Path

import duckdb
import polars as pl

from orchestration.builds.comments import (
    ADDED_TO_RAW,
    CORRECTION_TYPES,
    CORRECTIONS,
    HELD_CELLS,
    REJECTED_ROWS,
    RELEASE_TYPES,
    RELEASES,
    ROW_ENVELOPES,
    VOCABULARY,
    TableComments,
)
from orchestration.builds.connection import connected
from orchestration.builds.sql import file_literal, identifier, literal
from orchestration.builds.tables import comment_on, write_table
from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.corrections import Applied
from orchestration.review.review import Review


def create_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schemas of the tables below, in a new file."""
    connection.execute("create schema raw; create schema meta")


def load_raw_dataset(
    connection: duckdb.DuckDBPyConnection,
    archive: Archive,
    dataset: Dataset,
    reviewed: Review,
) -> None:
    """Create `raw.<dataset>` from all accepted releases, without the tables of them that are held;
    empty if there are none."""
    columns = ["release_id", "row_number", *dataset.columns, "problem", "month_start"]
    corrections = ["correction", "corrected_column", "corrected_figure"]
    table = f"raw.{identifier(dataset.name)}"
    accepted = reviewed.accepted(dataset.name)
    paths = [file_literal(archive.rows_path(release)) for release in accepted]
    if paths:  # one statement, because separate inserts also go through the write-ahead log
        listed = ", ".join(map(identifier, columns))
        uncorrected = ", ".join(f"null::varchar as {name}" for name in corrections)
        rows = f"select {listed}, {uncorrected} from read_parquet([{', '.join(paths)}])"
        if waiting := [_held_rows(release) for release in accepted if release.held_tables]:
            rows = f"{rows} where not ({' or '.join(waiting)})"
        connection.execute(f"create or replace table {table} as {rows}")
    else:
        types = {name: "INTEGER" if name == "row_number" else "VARCHAR" for name in columns}
        types |= dict.fromkeys(corrections, "VARCHAR")
        declared = ", ".join(f"{identifier(name)} {kind}" for name, kind in types.items())
        connection.execute(f"create or replace table {table} ({declared})")
    for applied in reviewed.applied:
        if applied.correction.dataset == dataset.name:
            _correct(connection, table, applied)
    columns_of_file = {name: column.description for name, column in dataset.columns.items()}
    title = f"{dataset.title}, as published: {dataset.rows_in_words}."
    comment_on(connection, table, TableComments(title, columns_of_file | ADDED_TO_RAW))


def _held_rows(release: Release) -> str:
    """The condition for the rows of a release that are in a held table. Rejected rows are loaded
    all the same, so that each of them can be seen."""
    tables = ", ".join(map(literal, release.held_tables))
    return (
        f"release_id = {literal(release.release_id)} and problem is null"
        f" and table_name in ({tables})"
    )


def load_provenance(
    connection: duckdb.DuckDBPyConnection,
    reviewed: Review,
    catalogue: dict[str, Dataset],
    folder: Path,
) -> None:
    """Create `raw.vocabulary` and the provenance tables in `meta`.

    folder: takes the Parquet files through which the rows pass.
    """
    records = [_record(release, catalogue[release.dataset]) for release in reviewed.releases]
    releases = pl.DataFrame(records, schema=RELEASE_TYPES)
    envelopes = reviewed.envelopes.with_columns(pl.col("month").str.to_date())
    corrections = pl.DataFrame(list(map(_correction, reviewed.applied)), schema=CORRECTION_TYPES)
    # of all its rows: the first hundreds may have no abbreviation
    vocabulary = pl.DataFrame(load_vocabulary().rows(), infer_schema_length=None)
    for table, rows, comments in (
        ("meta.releases", releases, RELEASES),
        ("meta.held_cells", reviewed.moved, HELD_CELLS),
        ("meta.row_envelopes", envelopes, ROW_ENVELOPES),
        ("meta.corrections", corrections, CORRECTIONS),
        ("raw.vocabulary", vocabulary, VOCABULARY),
    ):
        write_table(connection, folder, table, rows, comments)
    for name, dataset in catalogue.items():
        if dataset.page_column is not None:
            _name_pages(connection, name, dataset.page_column)
    rejected = " union all ".join(
        f"""select release_id, {literal(name)} as dataset, row_number, problem as reason,
            to_json({{{", ".join(f"{literal(c)}: {identifier(c)}" for c in dataset.columns)}}})
            as cells from raw.{identifier(name)} where problem is not null"""
        for name, dataset in catalogue.items()
    )
    connection.execute(f"create or replace table meta.rejected_rows as {rejected}")
    comment_on(connection, "meta.rejected_rows", REJECTED_ROWS)


def accepted_parts(database: Path, catalogue: dict[str, Dataset]) -> set[str]:
    """The datasets of which a build contains an accepted release, and as `dataset.table` the
    tables of workbooks that are in one."""
    with connected(database, read_only=True) as connection:
        rows = connection.execute(
            "select distinct dataset from meta.releases where verdict = 'accepted'"
        ).fetchall()
        datasets = {str(dataset) for (dataset,) in rows}
        for name in datasets:
            if catalogue[name].tables:
                rows += [
                    (f"{name}.{table}",)
                    for (table,) in connection.execute(
                        f"select distinct table_name from raw.{identifier(name)}"
                        " where problem is null"
                    ).fetchall()
                ]
    return {str(part) for (part,) in rows}


def _correct(connection: duckdb.DuckDBPyConnection, table: str, applied: Applied) -> None:
    """Put a correction beside the rows of a release; rows that it leaves out get a problem, so
    that they count as rejected, and rows whose text it replaces have none any more."""
    correction = applied.correction
    is_rejected = (
        "problem is null"
        if correction.replaces is None
        else f"problem is not null and trim({identifier(correction.figure)},"
        f" concat(' ', chr(9), chr(160))) = {literal(correction.replaces)}"
    )
    matches = [f"release_id = {literal(applied.release_id)}", is_rejected] + [
        f"{identifier(name)} in ({', '.join(map(literal, texts))})"
        for name, texts in applied.texts.items()
    ]
    if correction.leave_out:
        change = f"problem = {literal(f'left out by correction {correction.name}')}"
    else:
        change = (
            f"corrected_column = {literal(correction.figure)},"
            f" corrected_figure = {literal(str(correction.use))}, problem = null"
        )
    connection.execute(
        f"update {table} set correction = {literal(correction.name)}, {change}"
        f" where {' and '.join(matches)}"
    )


def _name_pages(connection: duckdb.DuckDBPyConnection, dataset: str, page: str) -> None:
    """Put the page that the rows of a release name, if it is one, beside a release that was found
    in a folder. A page saved as HTML does not say which of the publisher's pages it was."""
    connection.execute(
        f"""
        update meta.releases as releases
        set source_url = pages.page,
          source_url_is_inferred = not ends_with(lower(releases.file_name), '.csv')
        from (
          select release_id, min({identifier(page)}) as page
          from raw.{identifier(dataset)}
          where problem is null and regexp_matches({identifier(page)}, '^https?://')
          group by release_id
          having count(distinct {identifier(page)}) = 1
        ) as pages
        where pages.release_id = releases.release_id and releases.source_url is null
        """
    )


def _record(release: Release, dataset: Dataset) -> dict[str, object]:
    record = release.model_dump(include=set(RELEASES.columns)) | {"repost": release.repost}
    decision = release.decision
    decided = {
        "decided_by": decision.by if decision else None,
        "decided_on": decision.on if decision else None,
        "decision_reason": decision.reason if decision else None,
    }
    lists = {
        "notes": json.dumps([*release.notes, *(one.describe() for one in release.redatings)]),
        "checks": ", ".join(release.checks) or None,
        "held_tables": ", ".join(release.held_tables) or None,
    }
    fetched = release.source if release.source.startswith("https://") else None
    url = fetched or dataset.inferred_url(release.file_name, release.published_on)
    of_dataset = {
        "source_url": url,
        "source_url_is_inferred": None if url is None else fetched is None,
        "dataset_title": dataset.title,
        "publisher": dataset.publisher,
        "landing_page": dataset.landing_page,
        "licence": dataset.licence,
    }
    return record | decided | lists | of_dataset


def _correction(applied: Applied) -> dict[str, object]:
    record = applied.correction.model_dump(include=set(CORRECTIONS.columns))
    cells = json.dumps(applied.correction.cells)
    return record | {"release_id": applied.release_id, "rows": applied.rows, "cells": cells}
