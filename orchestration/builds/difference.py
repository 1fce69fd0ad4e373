"""What two builds' files hold differently, table by table.

What belongs here: counting the rows in which two sealed files differ. Which files these are
is `publishing`'s matter, how the counts are shown the command's. Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.builds.sql import identifier, literal


@dataclass(frozen=True)
class TableDifference:
    """One table or view, `schema.name`, of the first file (before) against the other (after).

    A digest is None where that file does not have the table.
    """

    table: str
    rows_added: int
    rows_removed: int
    rows_changed: int
    digest_before: str | None
    digest_after: str | None


def differences(one: Path, other: Path, keys: Mapping[str, Sequence[str]]) -> list[TableDifference]:
    """Every table and view of main and raw that either file has, by schema and name, also
    where nothing differs.

    keys: `schema.name` of a table -> the columns that name a row. Of the rows that stand in
        one file only, those are changed whose key is found once on either side; the rest is
        added or removed. Without a key, or with one that the table's columns lack, nothing
        counts as changed.

    Rows are compared as multisets, in any order, and NULL equals NULL. A table whose columns
    differ in name, order or type counts as wholly removed and wholly added. Equal digests
    count as equal rows; a digest sees neither the names of columns nor the width of a number,
    so that a column that was only renamed or widened is no difference. Raises
    FileNotFoundError, or ValueError for a file that is not a sealed build's.
    """
    for path in (one, other):
        if not path.is_file():
            raise FileNotFoundError(f"{path}: found no file, expected a build's database")
    with duckdb.connect() as connection:
        before = _attach(connection, one, "before")
        after = _attach(connection, other, "after")
        return [
            _difference(connection, before.get(name), after.get(name), keys)
            for name in sorted(before.keys() | after.keys())
        ]


@dataclass(frozen=True)
class _Table:
    """A table or view as `meta.tables` of an attached file describes it."""

    database: str
    schema: str
    name: str
    rows: int
    digest: str

    @property
    def sql(self) -> str:
        return ".".join(map(identifier, (self.database, self.schema, self.name)))


def _attach(
    connection: duckdb.DuckDBPyConnection, path: Path, database: str
) -> dict[tuple[str, str], _Table]:
    """Attach a file read-only; its tables by schema and name."""
    try:
        connection.execute(f"attach {literal(path)} as {identifier(database)} (read_only)")
        rows = connection.execute(
            f"select schema_name, table_name, rows, digest from {identifier(database)}.meta.tables"
        ).fetchall()
    except duckdb.Error as error:
        raise ValueError(
            f"{path}: found no meta.tables that can be read, expected the file of a sealed "
            f"build: {error}"
        ) from error
    return {(schema, name): _Table(database, schema, name, *rest) for schema, name, *rest in rows}


def _difference(
    connection: duckdb.DuckDBPyConnection,
    before: _Table | None,
    after: _Table | None,
    keys: Mapping[str, Sequence[str]],
) -> TableDifference:
    known = before or after
    assert known is not None
    table = f"{known.schema}.{known.name}"
    added, removed, changed = after.rows if after else 0, before.rows if before else 0, 0
    if before and after:
        if before.digest == after.digest:
            added, removed = 0, 0
        elif (columns := _columns(connection, before)) == _columns(connection, after):
            key = keys.get(table, ())
            usable = key if set(key) <= {name for name, _ in columns} else ()
            added, removed, changed = _count(connection, before, after, usable)
    return TableDifference(
        table,
        rows_added=added,
        rows_removed=removed,
        rows_changed=changed,
        digest_before=before.digest if before else None,
        digest_after=after.digest if after else None,
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: _Table) -> list[tuple[str, str]]:
    """Names and types in their order; of a view, as it is bound now."""
    described = connection.execute(f"describe select * from {table.sql}").fetchall()
    return [(name, kind) for name, kind, *_ in described]


def _count(
    connection: duckdb.DuckDBPyConnection, before: _Table, after: _Table, key: Sequence[str]
) -> tuple[int, int, int]:
    """Rows added, removed and changed between two tables with the same columns."""
    names = ", ".join(map(identifier, key))
    # `intersect` takes NULL for equal to NULL, which a join would not.
    changed = (
        f"select {names} from removed group by {names} having count(*) = 1"
        f" intersect select {names} from added group by {names} having count(*) = 1"
        if key
        else "select 1 where false"
    )
    added, removed, both = connection.execute(
        f"with removed as materialized"
        f" (select * from {before.sql} except all select * from {after.sql}),"
        f" added as materialized"
        f" (select * from {after.sql} except all select * from {before.sql}),"
        f" changed as ({changed})"
        " select (select count(*) from added), (select count(*) from removed),"
        " (select count(*) from changed)"
    ).fetchall()[0]
    return added - both, removed - both, both
