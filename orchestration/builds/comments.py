"""The comments that the tables of `meta` and `raw` carry in the published file, column by
column, with the column types where Polars cannot infer them.

What belongs here: descriptions. The tables are filled in `raw_tables` and `build`.
"""

import polars as pl

from orchestration.builds.sql import Comments

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
    "untyped_rows": "Rows kept aside in meta.rejected_rows.",
    "first_month": "First month with figures.",
    "last_month": "Last month with figures.",
    "repost": "The number of a file that was posted again under its name; -1 for the first.",
    "notes": "Lines under the table, as published.",
}
RELEASE_TYPES = dict.fromkeys(RELEASES, pl.String()) | {
    "published_on": pl.Date(),
    "retrieved_at": pl.Datetime("us", "UTC"),
    "decided_on": pl.Datetime("us", "UTC"),
    "repost": pl.Int64(),
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
BUILDS: Comments = {
    "build_id": "When the build was begun (UTC), and the start of its run's id.",
    "built_at": "When it was sealed (UTC).",
    "fingerprint": "Digest of archive, code and libraries: equal for equal tables.",
    "archive_digest": "Digest of the archive's records.",
    "code_digest": "Digest of code, models, suites and catalogue.",
    "libraries": "The libraries that made it.",
    "releases": "Accepted releases that went in.",
    "as_of": "The day up to which releases went in; NULL for all.",
}
GATE_RESULTS: Comments = {
    "stage": "raw, facts or marts.",
    "table": "The table that was checked.",
    "check": "Name of the check.",
    "expectation": "Great Expectations' name of the rule.",
    "severity": "critical stops the run, warning does not.",
    "status": "passed, failed, or not applicable where no release of the dataset is there.",
    "observed": "The value that was seen, where the rule looks at one.",
    "unexpected_count": "How many rows broke the rule.",
    "examples": "Some of these rows, as JSON.",
    "notes": "Why the rule is there.",
}
TABLES: Comments = {
    "schema_name": "Schema.",
    "table_name": "Table or view.",
    "rows": "Rows.",
    "digest": "Digest of the content in any order of rows; compares builds of one DuckDB version.",
}
