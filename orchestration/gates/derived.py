"""The checks that nobody writes: each follows from a suite's key, its lists or its table.

What belongs here: one function per derived check. Which suite gets which of them is
`Suite.with_derived_checks`'s business; docs/checks.md has the table.
"""

from collections.abc import Sequence

from orchestration.gates.expectation import ROW_COUNT, UNEXPECTED_ROWS, Expectation

COLUMNS_HAVE_VALUES = "columns_have_values"
NOT_BROKEN_DOWN = "Not broken down"

# columns of a raw table that are filled only for rejected or corrected rows
RAW_COLUMNS_OFTEN_NULL = ("problem", "correction", "corrected_column", "corrected_figure")

EMPTY_COLUMNS = """
select empty_column
from (
  unpivot (select count(columns(*)) from {{batch}})
  on columns(*) into name empty_column value filled
)
where filled = 0
  and (select count(*) from {{batch}}) > 0
  and empty_column not in ({spared})
"""
NULL_ROWS = """
select {columns}
from {{batch}}
where {any_is_null}
"""
RELEASES_NOT_ACCEPTED = """
select distinct release_id
from {batch}
where release_id not in (select release_id from meta.releases where verdict = 'accepted')
"""
RELEASES_NOT_LOADED = """
select releases.release_id, releases.rows, count(published.release_id) as loaded
from meta.releases as releases
left join {{batch}} as published
  on published.release_id = releases.release_id and published.problem is null
where releases.dataset = '{dataset}' and releases.verdict = 'accepted'
group by releases.release_id, releases.rows
having count(published.release_id) <> releases.rows
"""


def grain_is_unique(key: Sequence[str]) -> Expectation:
    """No two rows share a key."""
    return Expectation(
        type=(
            "expect_column_values_to_be_unique"
            if len(key) == 1
            else "expect_compound_columns_to_be_unique"
        ),
        name="grain_is_unique",
        kwargs={"column": key[0]} if len(key) == 1 else {"column_list": list(key)},
        notes="The table's grain.",
    )


def keys_are_not_null(columns: Sequence[str]) -> Expectation:
    """No row lacks a value in one of the columns, of which there is at least one."""
    query = NULL_ROWS.format(
        columns=", ".join(columns),
        any_is_null="\n  or ".join(f"{column} is null" for column in columns),
    )
    return _no_rows("keys_are_not_null", query, "Keys and figures are never NULL.")


def labels_are_listed(column: str) -> Expectation:
    """Each value is a label of the vocabulary's dimension of the same name."""
    return Expectation(
        type="expect_column_values_to_be_in_set",
        kwargs={
            "column": column,
            "value_set": {"vocabulary": column, "also": [NOT_BROKEN_DOWN]},
        },
        notes="Only labels that the vocabulary lists.",
    )


def releases_are_accepted() -> Expectation:
    """Each row's release_id is that of an accepted release."""
    return _no_rows(
        "releases_are_accepted", RELEASES_NOT_ACCEPTED, "Every row is from an accepted release."
    )


def every_release_is_loaded(dataset: str) -> Expectation:
    """The raw table has the rows of each accepted release of its dataset."""
    return _no_rows(
        "every_release_is_loaded",
        RELEASES_NOT_LOADED.format(dataset=dataset),
        "Each accepted release of the dataset has as many typed rows here as the archive says.",
    )


def is_not_empty() -> Expectation:
    """A raw table has rows once its dataset has a release."""
    return Expectation(
        type=ROW_COUNT,
        kwargs={"min_value": 1},
        notes=(
            "With a release in the archive the table is not empty; every_release_is_loaded counts."
        ),
    )


def columns_have_values(may_be_null: Sequence[str]) -> Expectation:
    """Each column has a value in some row, except those in may_be_null."""
    spared = ", ".join(f"'{column}'" for column in ("", *may_be_null))
    return _no_rows(
        COLUMNS_HAVE_VALUES,
        EMPTY_COLUMNS.format(spared=spared),
        "Every column has a value in some row, except those that may_be_null lists.",
    )


def _no_rows(name: str, query: str, notes: str) -> Expectation:
    """A check that fails on every row that the query finds; `{batch}` in it is the table."""
    return Expectation(
        type=UNEXPECTED_ROWS, name=name, kwargs={"unexpected_rows_query": query}, notes=notes
    )
