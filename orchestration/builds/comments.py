"""The comments on the tables of `meta` and `raw` in the published file, with the column types
that Polars cannot infer.

What belongs here: descriptions. The tables are filled in `raw_tables` and `build`.
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class TableComments:
    """The comment on a table, and those on its columns in their order."""

    table: str
    columns: dict[str, str]


RELEASES = TableComments(
    "One row per release, accepted, held or refused.",
    {
        "release_id": "First 16 hex digits of the sha256 of the file's bytes.",
        "dataset": "Dataset of the catalogue.",
        "dataset_title": "The dataset's title.",
        "publisher": "Who publishes the dataset.",
        "landing_page": "The page on which the publisher lists its releases, or describes them.",
        "licence": "The terms under which they may be used.",
        "verdict": "accepted; held: it revises more than the catalogue allows, and is in no table "
        "until a person decides; refused: kept in quarantine and in no table; or withdrawn by a "
        "person, and in no table.",
        "reason": "Why it was refused or held, or the decision made on it; NULL for the others.",
        "checks": "The names of the checks that refused or hold it; NULL for none.",
        "held_tables": "The tables of an accepted release that are held while the rest of it "
        "counts; NULL for none.",
        "decided_by": "Who made the decision on the release; NULL without a decision.",
        "decided_on": "When the decision was made (UTC).",
        "decision_reason": "The reason given for the decision.",
        "published_on": "When it was published; if only the month is known, its last day. As a "
        "person has corrected it, if one has: the notes say so.",
        "published_precision": "day or month: how exactly the publication date is known.",
        "retrieved_at": "When it was archived (UTC).",
        "file_name": "The file's name as published.",
        "source": "Where it was found: a URL, or the path inside a landing folder.",
        "sha256": "Hash of the file's bytes.",
        "size_bytes": "Size of the file.",
        "reader": "The reader that parsed it.",
        "reader_version": "Digest of the code and rules that read and checked it.",
        "rows": "Number of typed rows, without those of held tables.",
        "untyped_rows": "Number of rejected rows, which are in meta.rejected_rows.",
        "first_month": "First month with figures.",
        "last_month": "Last month with figures.",
        "repost": "The number that a publisher adds to the name of a file published again; -1 "
        "without one.",
        "notes": "Lines under the table, as published, as JSON.",
        "source_url": "Where the publisher has the file or the page: the URL that it was fetched "
        "from, or the page that a transcription names; else inferred from the publisher's habits. "
        "NULL where none of them is known, or the rows name several pages: see landing_page.",
        "source_url_is_inferred": "Whether source_url is only where the publisher has put files of "
        "that name and time; nobody has followed it. NULL without one.",
    },
)
RELEASE_TYPES = dict.fromkeys(RELEASES.columns, pl.String()) | {
    "published_on": pl.Date(),
    "retrieved_at": pl.Datetime("us", "UTC"),
    "decided_on": pl.Datetime("us", "UTC"),
    "repost": pl.Int64(),
    "size_bytes": pl.Int64(),
    "source_url_is_inferred": pl.Boolean(),
    "rows": pl.Int64(),
    "untyped_rows": pl.Int64(),
    "first_month": pl.Date(),
    "last_month": pl.Date(),
}
REJECTED_ROWS = TableComments(
    "One row per published row that cannot be typed, or that a correction leaves out.",
    {
        "release_id": "The release that contains the row.",
        "dataset": "Dataset of the catalogue.",
        "row_number": "The row's line in the file, or its row in the sheet, from 1.",
        "reason": "Why the row was rejected.",
        "cells": "The row's cells as published, as JSON.",
    },
)
VOCABULARY = TableComments(
    "One row per spelling of a label.",
    {
        "dimension": "The dimension that the label belongs to.",
        "spelling": "An accepted spelling, in lower case with single spaces.",
        "label": "The label that is spelled so.",
        "category": "The newest name of the label's category; equal for labels of one category.",
        "abbreviation": "CBP's abbreviation of the label.",
        "meaning": "What the label means.",
    },
)
HELD_CELLS = TableComments(
    "One row per cell that moved in a held release, compared with the release before it.",
    {
        "release_id": "The held release.",
        "against_release_id": "The current release for the period, which it was compared with.",
        "dataset": "Dataset of the catalogue.",
        "period": "The first day of the month, or the fiscal year (FY2024).",
        "cell": "The labels that identify the cell within the period.",
        "figure_before": "The figure of the current release; NULL if it lacks the cell.",
        "figure_after": "The figure of the held release; NULL if it lacks the cell.",
        "difference": "figure_after minus figure_before; a missing cell counts as 0.",
    },
)
ROW_ENVELOPES = TableComments(
    "One row per release and month: the number of rows, and the bounds on it.",
    {
        "release_id": "The release.",
        "dataset": "Dataset of the catalogue.",
        "month": "First day of the month.",
        "rows": "Number of figures that the release has for the month.",
        "at_least": "The fewest that it may have.",
        "at_most": "The most that it may have.",
        "is_exact": "Whether the month's year is closed, so that it must have as many as before; "
        "otherwise the bounds are derived from the twelve months up to it.",
    },
)
CORRECTIONS = TableComments(
    "One row per correction of a publisher's error and release that it applies to.",
    {
        "name": "The correction.",
        "dataset": "Dataset of the catalogue.",
        "release_id": "A release that has the error.",
        "cells": "The labels that identify the rows, as JSON.",
        "column": "The figure's column; NULL if the dataset has only one.",
        "expects": "The sum of the erroneous figures, as published; NULL if replaces is not.",
        "replaces": "The text of a cell that cannot be typed, as published; else NULL.",
        "use": "The figure to use instead; NULL if the rows are left out.",
        "leave_out": "Whether the rows are left out.",
        "reason": "What is wrong, and how that is known.",
        "source": "Where to read about it.",
        "since": "The date of the first publication with the error.",
        "until": "The date of the first publication without it; NULL while it lasts.",
        "rows": "Number of rows that it changes or leaves out.",
    },
)
CORRECTION_TYPES = dict.fromkeys(CORRECTIONS.columns, pl.String()) | {
    "expects": pl.Int64(),
    "use": pl.Int64(),
    "leave_out": pl.Boolean(),
    "since": pl.Date(),
    "until": pl.Date(),
    "rows": pl.Int64(),
}
ADDED_TO_RAW = {
    "release_id": "The release that contains the row.",
    "row_number": "The row's line in the file, or its row in the sheet, from 1.",
    "problem": "Why the row cannot be typed; NULL if it can.",
    "month_start": "First day of the row's month, as text.",
    "correction": "The correction that changes the row or leaves it out; see meta.corrections.",
    "corrected_column": "The column whose figure it changes.",
    "corrected_figure": "The figure to use instead.",
}
BUILDS = TableComments(
    "One row: this build.",
    {
        "build_id": "When the build was started (UTC), and the first characters of its run's id.",
        "built_at": "When it was sealed (UTC).",
        "fingerprint": "Digest of archive, code, libraries and the operator's claims; equal "
        "fingerprints give equal tables.",
        "archive_digest": "Digest of the archive's records.",
        "code_digest": "Digest of code, models, suites and catalogue.",
        "libraries": "The libraries that built it.",
        "claims_digest": "Digest of the files of claims in BORDERLEDGER_CLAIMS; NULL without any.",
        "releases": "Number of accepted releases in it.",
        "as_of": "It contains the releases published by this day; NULL for all releases.",
    },
)
BUILD_TYPES = {"as_of": pl.Date(), "claims_digest": pl.String()}
GATE_RESULTS = TableComments(
    "One row per check that ran on this build.",
    {
        "stage": "raw, facts or marts.",
        "table": "The table that was checked.",
        "check": "Name of the check.",
        "expectation": "Great Expectations' name of the rule.",
        "severity": "critical stops the run, warning does not.",
        "status": "passed, failed, or not applicable if there is no release of the dataset.",
        "observed": "The observed value, for rules about a single value.",
        "unexpected_count": "Number of rows that broke the rule.",
        "examples": "Some of these rows, as JSON.",
        "notes": "Why the rule exists.",
    },
)
TABLES = TableComments(
    "One row per table or view of the schemas main and raw, with its content digest.",
    {
        "schema_name": "Schema.",
        "table_name": "Table or view.",
        "rows": "Number of rows.",
        "digest": "Digest of the rows in any order; comparable between builds of one DuckDB "
        "version.",
        "datasets": "The datasets of the catalogue that the table is made from, directly or "
        "through other tables; empty for a table of labels.",
    },
)
COLUMNS = TableComments(
    "One row per column of every table and view: what an analyst or a tool needs to know of it.",
    {
        "schema_name": "Schema.",
        "table_name": "Table or view.",
        "column_name": "Column.",
        "position": "Its position in the table, from 1.",
        "data_type": "DuckDB's name of its type.",
        "description": "What it means: the column's comment.",
        "unit": "What its numbers count or measure; NULL for a label, a date or a text.",
        "key_position": "Its position in the table's key, from 1: the columns that identify a row. "
        "NULL for a column outside the key.",
        "references_table": "The table of main in which each of its values is found; NULL where "
        "there is none, or a value is missing from it.",
        "references_column": "The column of that table.",
    },
)
# keys of the tables that are written when the file is sealed, after every suite has run
KEYS_AT_SEALING = {
    "meta.builds": ("build_id",),
    "meta.gate_results": ("table", "check"),
    "meta.tables": ("schema_name", "table_name"),
    "meta.columns": ("schema_name", "table_name", "column_name"),
}
