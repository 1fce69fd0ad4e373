"""The difference between two builds' files, table by table.

What belongs here: counting the rows in which two sealed files differ. `publishing` finds the
files and the command shows the counts. Nothing is written.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.builds.publishing import PublishError
from orchestration.builds.sql import first_line, identifier, literal

# the columns that say from which release a row is, and from when it was current
OF_RELEASE = re.compile(r"(.*_)?(release_ids?|published_on)|is_current|current_from|current_until")


@dataclass(frozen=True)
class TableDifference:
    """The difference of one table or view, `schema.name`, between the first file (before) and the
    other (after).

    rows_reissued: differ in nothing but the release that they are from, and when it was current.
        They do not count as changed.
    digest_before, digest_after: None if that file does not have the table.
    """

    table: str
    rows_added: int
    rows_removed: int
    rows_changed: int
    rows_reissued: int
    digest_before: str | None
    digest_after: str | None


def differences(one: Path, other: Path, keys: Mapping[str, Sequence[str]]) -> list[TableDifference]:
    """One difference for every table and view of main and raw in either file, by schema and name,
    even if it has no differing rows.

    keys: `schema.name` of a table -> the columns that identify a row. A row that is in one file
        only is changed if its key occurs once on each side among such rows; otherwise it is added
        or removed. Without a key, or with one whose columns the table lacks, nothing counts as
        changed.

    Rows are compared as multisets, in any order, and NULL equals NULL. A table whose columns
    differ in name, order or type counts as wholly removed and wholly added. Equal digests
    count as equal rows. A digest does not depend on column names or the width of numbers, so a
    column that was only renamed or widened makes no difference. Raises FileNotFoundError, or
    PublishError for a file that is damaged or not a sealed build's.
    """
    for path in (one, other):
        if not path.is_file():
            raise FileNotFoundError(f"{path}: found no file, expected a build's database")
    with duckdb.connect() as connection:
        before = _attach(connection, one, "before")
        after = _attach(connection, other, "after")
        try:
            return [
                _difference(connection, before.get(name), after.get(name), keys)
                for name in sorted(before.keys() | after.keys())
            ]
        except duckdb.Error as error:  # damage that only its rows show
            raise PublishError(
                f"{one} and {other}: found a table that cannot be read, expected two whole files; "
                f"see `borderledger verify`: {first_line(error)}"
            ) from error


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


@dataclass(frozen=True)
class _Counts:
    """How many rows of a table differ."""

    added: int
    removed: int
    changed: int = 0
    reissued: int = 0


def _attach(
    connection: duckdb.DuckDBPyConnection, path: Path, database: str
) -> dict[tuple[str, str], _Table]:
    """Attach a file read-only. Returns its tables by schema and name. Raises PublishError."""
    try:
        connection.execute(f"attach {literal(path)} as {identifier(database)} (read_only)")
        rows = connection.execute(
            f"select schema_name, table_name, rows, digest from {identifier(database)}.meta.tables"
        ).fetchall()
    except duckdb.Error as error:
        raise PublishError(
            f"{path}: found no readable meta.tables, expected the file of a sealed build: "
            f"{first_line(error)}"
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
    counts = _Counts(after.rows if after else 0, before.rows if before else 0)
    if before and after and before.digest == after.digest:
        counts = _Counts(0, 0)
    elif before and after:
        columns = _columns(connection, before)
        if columns == _columns(connection, after):
            names, key = [name for name, _ in columns], keys.get(table, ())
            usable = key if set(key) <= set(names) else ()
            counts = _count(connection, before, after, names, usable)
    return TableDifference(
        table,
        rows_added=counts.added,
        rows_removed=counts.removed,
        rows_changed=counts.changed,
        rows_reissued=counts.reissued,
        digest_before=before.digest if before else None,
        digest_after=after.digest if after else None,
    )


def _columns(connection: duckdb.DuckDBPyConnection, table: _Table) -> list[tuple[str, str]]:
    """Names and types in their order; of a view, those that DuckDB binds now."""
    described = connection.execute(f"describe select * from {table.sql}").fetchall()
    return [(name, kind) for name, kind, *_ in described]


def _count(
    connection: duckdb.DuckDBPyConnection,
    before: _Table,
    after: _Table,
    columns: Sequence[str],
    key: Sequence[str],
) -> _Counts:
    """The counts of two tables with the same columns."""
    added, removed, paired = _compare(connection, before, after, columns, key)
    told = [name for name in columns if name in key or not OF_RELEASE.fullmatch(name)]
    changed = paired
    if paired and len(told) < len(columns):
        *_, differing = _compare(connection, before, after, told, key)
        changed = min(differing, paired)
    return _Counts(added - paired, removed - paired, changed, reissued=paired - changed)


def _compare(
    connection: duckdb.DuckDBPyConnection,
    before: _Table,
    after: _Table,
    columns: Sequence[str],
    key: Sequence[str],
) -> tuple[int, int, int]:
    """The rows, as far as these columns go, that are only in the second table, those only in the
    first, and the keys that occur once among either."""
    row, names = (", ".join(map(identifier, one)) for one in (columns, key))
    # `intersect` treats NULL as equal to NULL; a join would not
    paired = (
        f"select {names} from removed group by {names} having count(*) = 1"
        f" intersect select {names} from added group by {names} having count(*) = 1"
        if key
        else "select 1 where false"
    )
    [(added, removed, both)] = connection.execute(
        f"with removed as materialized"
        f" (select {row} from {before.sql} except all select {row} from {after.sql}),"
        f" added as materialized"
        f" (select {row} from {after.sql} except all select {row} from {before.sql}),"
        f" paired as ({paired})"
        " select (select count(*) from added), (select count(*) from removed),"
        " (select count(*) from paired)"
    ).fetchall()
    return added, removed, both
