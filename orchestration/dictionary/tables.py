"""The dictionary's entries, and reading them from a published file."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from orchestration.builds.sql import identifier
from orchestration.dictionary.subjects import subject_of
from orchestration.dictionary.traps import traps_of

MOST_EXAMPLES = 4
LONGEST_EXAMPLE = 60
ROWS_OF_RAW = 2_000  # whose examples are shown: the cells are texts, and there are many


@dataclass(frozen=True)
class Column:
    """A column of a table.

    unit: what its numbers count; None for labels, dates and texts.
    key_position: its place in the table's key, from 1; None outside the key.
    references: table of main and column in which each of its values is found; None without one.
    examples: some of its values; of numbers and dates, the least and the greatest.
    """

    name: str
    data_type: str
    description: str
    unit: str | None
    key_position: int | None
    references: tuple[str, str] | None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A check of a table, and its result in the build of the file.

    severity: critical or warning. status: passed, failed or not applicable.
    unexpected: how many rows broke the rule; None where the rule is not about rows.
    """

    name: str
    severity: str
    status: str
    notes: str
    unexpected: int | None


@dataclass(frozen=True)
class Dataset:
    """A dataset that a table is made from. releases: how many accepted ones are in the file;
    without any release, accepted or not, the other fields but the name are empty."""

    name: str
    title: str
    publisher: str
    landing_page: str
    licence: str
    releases: int


@dataclass(frozen=True)
class Table:
    """A table or view.

    kind: table or view. rows: their number. subject: a heading, under which tables are grouped.
    traps: what must not be done with its figures, in sentences.
    """

    schema: str
    name: str
    kind: str
    rows: int
    description: str
    subject: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    datasets: tuple[Dataset, ...]
    traps: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that identify a row, in the key's order."""
        keyed = [column for column in self.columns if column.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda column: column.key_position or 0))


def describe(connection: duckdb.DuckDBPyConnection) -> tuple[Table, ...]:
    """Every table and view of a published file, by schema and name; none of a file that was
    published before it described its columns."""
    if not connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'meta' and table_name = 'columns'"
        " and database_name = current_database()"
    ).fetchall():
        return ()
    found = connection.execute(
        "select schema_name, table_name, 'table', comment from duckdb_tables()"
        " where database_name = current_database() and not internal"
        " union all select schema_name, view_name, 'view', comment from duckdb_views()"
        " where database_name = current_database() and not internal order by all"
    ).fetchall()
    columns, checks = _columns(connection), _checks(connection)
    counted, datasets = _counted(connection), _datasets(connection)
    entries = []
    for schema, name, kind, comment in found:
        if (schema, name) not in columns:
            continue  # written into the file after it was sealed
        of_table = columns[schema, name]
        rows, made_from = counted.get((schema, name)) or (_count(connection, schema, name), ())
        entries.append(
            Table(
                schema,
                name,
                kind,
                rows,
                comment or "",
                subject_of(schema, name),
                _with_examples(connection, schema, name, of_table),
                tuple(checks[f"{schema}.{name}"]),
                tuple(datasets.get(name, _without_releases(name)) for name in made_from),
                traps_of(schema, name, {column.name for column in of_table}),
            )
        )
    return tuple(entries)


def _columns(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], list[Column]]:
    columns = defaultdict(list)
    rows = connection.execute(
        "select schema_name, table_name, column_name, data_type, description, unit, key_position,"
        " references_table, references_column from meta.columns order by position"
    ).fetchall()
    for schema, table, name, data_type, description, unit, key, to_table, to_column in rows:
        references = (to_table, to_column) if to_table else None
        column = Column(name, data_type, description or "", unit, key, references)
        columns[schema, table].append(column)
    return columns


def _checks(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Check]]:
    checks = defaultdict(list)
    rows = connection.execute(
        'select "table", "check", severity, status, notes, unexpected_count'
        ' from meta.gate_results order by severity, "check"'
    ).fetchall()
    for table, *result in rows:
        checks[table].append(Check(*result))
    return checks


def _counted(
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    """By schema and name, the rows of a table and the datasets that it is made from."""
    rows = connection.execute(
        "select schema_name, table_name, rows, datasets from meta.tables"
    ).fetchall()
    return {(schema, name): (count, tuple(made_from)) for schema, name, count, made_from in rows}


def _count(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
    [(rows,)] = connection.execute(
        f"select count(*) from {identifier(schema)}.{identifier(name)}"
    ).fetchall()
    return int(rows)


def _datasets(connection: duckdb.DuckDBPyConnection) -> dict[str, Dataset]:
    rows = connection.execute(
        "select dataset, any_value(dataset_title), any_value(publisher), any_value(landing_page),"
        " any_value(licence), count(*) filter (verdict = 'accepted')"
        " from meta.releases group by dataset order by dataset"
    ).fetchall()
    return {row[0]: Dataset(*row) for row in rows}


def _without_releases(name: str) -> Dataset:
    """A dataset of which the file has no release, and so nothing but the name."""
    return Dataset(name, name, "", "", "", 0)


def _with_examples(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, columns: Sequence[Column]
) -> tuple[Column, ...]:
    """The columns with some of their values, by one query of the table."""
    limit = f" limit {ROWS_OF_RAW}" if schema == "raw" else ""
    asked = ", ".join(map(_examples_of, columns))
    [found] = connection.execute(
        f"select {asked} from (from {identifier(schema)}.{identifier(name)}{limit})"
    ).fetchall()
    return tuple(
        replace(column, examples=_in_words(values))
        for column, values in zip(columns, found, strict=True)
    )


def _examples_of(column: Column) -> str:
    """The expression for some values of a column."""
    name = identifier(column.name)
    if column.data_type in ("VARCHAR", "BOOLEAN"):
        return f"approx_top_k({name}, {MOST_EXAMPLES})"
    if column.data_type.endswith("[]") or column.data_type == "JSON":
        return f"[any_value({name})]"
    return f"[min({name}), max({name})]"


def _in_words(values: Iterable[Any] | None) -> tuple[str, ...]:
    """Values as a person reads them, each once."""
    texts = dict.fromkeys(map(_word, (value for value in values or () if value is not None)))
    return tuple(text for text in texts if text)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:g}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[: LONGEST_EXAMPLE - 1]}…"
