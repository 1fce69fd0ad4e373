"""The difference between two builds' files: rows added, removed and changed, table by table."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.difference import TableDifference, differences
from orchestration.builds.publishing import PublishError
from orchestration.builds.sealing import content_digests
from orchestration.builds.sql import identifier, literal


@dataclass(frozen=True)
class Files:
    """Makes files and compares them."""

    folder: Path

    def make(self, name: str, *statements: str) -> Path:
        """A file with the tables that these statements create, and a meta.tables as a sealed
        build has."""
        path = self.folder / name
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema raw; create schema meta")
            for statement in statements:
                connection.execute(statement)
            digests = content_digests(connection)
            connection.execute(
                "create table meta.tables"
                " (schema_name varchar, table_name varchar, rows bigint, digest varchar)"
            )
            for row in digests:
                cells = ", ".join(literal(str(value)) for value in row.values())
                connection.execute(f"insert into meta.tables values ({cells})")
        path.chmod(0o444)
        return path

    def compare(
        self,
        before: Sequence[str],
        after: Sequence[str],
        keys: Mapping[str, Sequence[str]] | None = None,
    ) -> list[TableDifference]:
        one, other = self.make("one.duckdb", *before), self.make("other.duckdb", *after)
        return differences(one, other, keys or {})


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def t(rows: str, columns: str = "i integer, s varchar", table: str = "main.t") -> str:
    """The statement that creates a table; empty without rows."""
    insert = f"; insert into {table} values {rows}" if rows else ""
    return f"create table {table} ({columns}){insert}"


def counts(found: Sequence[TableDifference]) -> dict[str, tuple[int, int, int]]:
    """Rows added, removed and changed by table."""
    return {d.table: (d.rows_added, d.rows_removed, d.rows_changed) for d in found}


BY_I = {"main.t": ["i"]}


@pytest.mark.parametrize(
    "after", ["(1, 'a'), (2, null), (2, null)", "(2, null), (1, 'a'), (2, null)"]
)
def test_equal_rows_in_any_order_do_not_differ(after: str, files: Files) -> None:
    found = files.compare([t("(1, 'a'), (2, null), (2, null)")], [t(after)], BY_I)
    assert counts(found) == {"main.t": (0, 0, 0)}
    assert found[0].digest_before == found[0].digest_after is not None


def test_a_file_does_not_differ_from_itself(files: Files) -> None:
    path = files.make("one.duckdb", t("(1, 'a')"))
    linked = path.with_name("published.duckdb")
    linked.hardlink_to(path)
    for other in (path, linked):
        assert counts(differences(path, other, {})) == {"main.t": (0, 0, 0)}


@pytest.mark.parametrize(
    ("before", "after", "with_key", "without_key"),
    [
        pytest.param("(1, 'a')", "(1, 'a'), (2, 'b'), (3, 'c')", (2, 0, 0), (2, 0, 0), id="added"),
        pytest.param("(1, 'a'), (2, 'b')", "(1, 'a')", (0, 1, 0), (0, 1, 0), id="removed"),
        pytest.param(
            "(1, 'a'), (2, 'b')", "(1, 'x'), (2, 'b')", (0, 0, 1), (1, 1, 0), id="changed"
        ),
        pytest.param(
            "(1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
            "(1, 'a'), (2, 'x'), (5, 'e'), (6, 'f')",
            (2, 2, 1),
            (3, 3, 0),
            id="all three",
        ),
        pytest.param("", "(1, 'a'), (2, 'b')", (2, 0, 0), (2, 0, 0), id="empty before"),
        pytest.param("(1, 'a'), (2, 'b')", "", (0, 2, 0), (0, 2, 0), id="empty after"),
        pytest.param(
            "(1, 'a'), (1, 'a'), (1, 'a')", "(1, 'a')", (0, 2, 0), (0, 2, 0), id="fewer duplicates"
        ),
        pytest.param(
            "(1, 'a')", "(1, 'a'), (1, 'a'), (1, 'a')", (2, 0, 0), (2, 0, 0), id="more duplicates"
        ),
        pytest.param("(1, null)", "(1, '')", (0, 0, 1), (1, 1, 0), id="null is not empty"),
        pytest.param(
            "(1, null), (2, 'b')", "(1, null), (2, 'x')", (0, 0, 1), (1, 1, 0), id="null is null"
        ),
        pytest.param("(null, 'a')", "(null, 'b')", (0, 0, 1), (1, 1, 0), id="null in the key"),
        pytest.param(
            "(1, 'a'), (1, 'b')", "(1, 'c')", (1, 2, 0), (1, 2, 0), id="key not unique before"
        ),
        pytest.param(
            "(1, 'c')", "(1, 'a'), (1, 'b')", (2, 1, 0), (2, 1, 0), id="key not unique after"
        ),
        pytest.param(
            "(1, 'same'), (1, 'a')",
            "(1, 'same'), (1, 'b')",
            (0, 0, 1),
            (1, 1, 0),
            id="key unique among the rows that differ",
        ),
    ],
)
def test_rows_are_counted_as_added_removed_or_changed(
    before: str,
    after: str,
    with_key: tuple[int, int, int],
    without_key: tuple[int, int, int],
    files: Files,
) -> None:
    one, other = files.make("one", t(before)), files.make("other", t(after))
    found = differences(one, other, BY_I)
    assert counts(found) == {"main.t": with_key}
    assert found[0].digest_before != found[0].digest_after
    assert counts(differences(one, other, {})) == {"main.t": without_key}


@pytest.mark.parametrize(
    ("after", "changed", "reissued"),
    [
        pytest.param("(1, 'a', 'new'), (2, 'b', 'new')", 0, 2, id="only the release differs"),
        pytest.param("(1, 'x', 'new'), (2, 'b', 'new')", 1, 1, id="a figure of one as well"),
        pytest.param("(1, 'x', 'old'), (2, 'y', 'old')", 2, 0, id="only figures differ"),
    ],
)
@pytest.mark.parametrize(
    "name",
    ["release_id", "release_ids", "total_release_id", "published_on", "is_current", "current_from"],
)
def test_a_row_that_is_the_same_but_from_another_release_is_reissued(
    name: str, after: str, changed: int, reissued: int, files: Files
) -> None:
    columns = f"i integer, s varchar, {name} varchar"
    before = t("(1, 'a', 'old'), (2, 'b', 'old')", columns)
    [found] = files.compare([before], [t(after, columns)], BY_I)
    assert (found.rows_changed, found.rows_reissued) == (changed, reissued)
    assert (found.rows_added, found.rows_removed) == (0, 0)


def test_the_release_tells_rows_apart_where_it_is_in_the_key(files: Files) -> None:
    columns = "i integer, s varchar, release_id varchar"
    before, after = t("(1, 'a', 'old')", columns), t("(1, 'a', 'new')", columns)
    [found] = files.compare([before], [after], {"main.t": ["i", "release_id"]})
    assert (found.rows_added, found.rows_removed, found.rows_reissued) == (1, 1, 0)


def test_a_key_may_have_several_columns(files: Files) -> None:
    columns = "i integer, j integer, s varchar"
    before = t("(1, 1, 'a'), (1, 2, 'b'), (null, 3, 'c')", columns)
    after = t("(1, 1, 'x'), (1, 3, 'b'), (null, 3, 'y')", columns)
    found = files.compare([before], [after], {"main.t": ["i", "j"]})
    assert counts(found) == {"main.t": (1, 1, 2)}


@pytest.mark.parametrize("key", [["gone"], ["i", "gone"], []])
def test_a_key_whose_columns_the_table_lacks_is_ignored(key: list[str], files: Files) -> None:
    found = files.compare([t("(1, 'a')")], [t("(1, 'b')")], {"main.t": key})
    assert counts(found) == {"main.t": (1, 1, 0)}


def test_a_key_belongs_to_one_table_of_one_schema(files: Files) -> None:
    before = [t("(1, 'a')"), t("(1, 'a')", table="raw.t")]
    after = [t("(1, 'b')"), t("(1, 'b')", table="raw.t")]
    found = files.compare(before, after, {"raw.t": ["i"]})
    assert counts(found) == {"main.t": (1, 1, 0), "raw.t": (0, 0, 1)}


def test_a_table_in_one_file_only_is_wholly_added_or_removed(files: Files) -> None:
    before = [t("(1, 'a')", table="raw.b"), t("(1, 'a'), (2, 'b')", table="main.old")]
    after = [t("(1, 'a')", table="raw.b"), t("(1, 'a'), (2, 'b'), (2, 'b')", table="raw.a")]
    found = files.compare(before, after, {"raw.a": ["i"], "main.old": ["i"]})
    assert counts(found) == {"main.old": (0, 2, 0), "raw.a": (3, 0, 0), "raw.b": (0, 0, 0)}
    assert [d.table for d in found] == ["main.old", "raw.a", "raw.b"]
    assert [(d.digest_before is None, d.digest_after is None) for d in found] == [
        (False, True),
        (True, False),
        (False, False),
    ]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        pytest.param("i integer, name varchar", "(1, 'a'), (2, 'x'), (3, 'c')", id="renamed"),
        pytest.param("s varchar, i integer", "('a', 1), ('b', 2), ('c', 3)", id="another order"),
        pytest.param("i bigint, s varchar", "(1, 'a'), (2, 'x'), (3, 'c')", id="another type"),
        pytest.param(
            "i integer, s varchar, n integer",
            "(1, 'a', 1), (2, 'b', 1), (3, 'c', 1)",
            id="one column more",
        ),
    ],
)
def test_a_table_whose_columns_differ_is_wholly_removed_and_added(
    columns: str, rows: str, files: Files
) -> None:
    found = files.compare([t("(1, 'a'), (2, 'b')")], [t(rows, columns)], BY_I)
    assert counts(found) == {"main.t": (3, 2, 0)}


def test_lists_structs_and_timestamps_are_compared(files: Files) -> None:
    columns = "i integer, l varchar[], s struct(a integer), taken timestamptz, d double"
    rest = "{'a': 1}, '2025-01-01T00:00:00Z', 'nan'"
    found = files.compare(
        [t(f"(1, ['a', null], {rest}), (2, ['a', 'b'], {rest}), (3, null, {rest})", columns)],
        [t(f"(1, ['a', null], {rest}), (2, ['b', 'a'], {rest}), (3, [], {rest})", columns)],
        BY_I,
    )
    assert counts(found) == {"main.t": (0, 0, 2)}


def test_quotes_in_table_and_column_names_are_escaped(files: Files) -> None:
    name, column = """it's "odd". name""", """the "key's" column"""
    table = f"main.{identifier(name)}"
    columns = f"{identifier(column)} integer, s varchar"
    found = files.compare(
        [t("(1, 'a'), (2, 'b')", columns, table)],
        [t("(1, 'x'), (3, 'b')", columns, table)],
        {f"main.{name}": [column]},
    )
    assert counts(found) == {f"main.{name}": (1, 1, 1)}


def test_quotes_in_file_names_are_escaped(files: Files) -> None:
    one = files.make("""it's "one".duckdb""", t("(1, 'a')"))
    other = files.make("""it's "other".duckdb""", t("(1, 'b')"))
    assert counts(differences(one, other, BY_I)) == {"main.t": (0, 0, 1)}


def test_each_files_views_read_its_own_tables(files: Files) -> None:
    views = [
        "create view main.plain as select i, s from t where i > 1",
        "create view main.v as select i, s from main.t where i > 1",
        "create view raw.w as select s, count(*) as n from main.v join raw.r using (s) group by s",
    ]
    found = files.compare(
        [t("(1, 'a'), (2, 'b'), (3, 'c')"), t("(1, 'b'), (1, 'c')", table="raw.r"), *views],
        [t("(1, 'x'), (2, 'y'), (4, 'c')"), t("(1, 'b'), (2, 'c')", table="raw.r"), *views],
        {"main.v": ["i"], "raw.w": ["s"]},
    )
    assert counts(found) == {
        "main.plain": (2, 2, 0),
        "main.t": (3, 3, 0),
        "main.v": (1, 1, 1),
        "raw.r": (1, 1, 0),
        "raw.w": (0, 1, 0),
    }


def test_a_table_that_became_a_view_is_compared_by_its_rows(files: Files) -> None:
    found = files.compare([t("(1, 'a')")], ["create view main.t as select 1 as i, 'b' as s"], BY_I)
    assert counts(found) == {"main.t": (0, 0, 1)}


def test_only_main_and_raw_are_compared(files: Files) -> None:
    found = files.compare([t("(1, 'a')", table="meta.t")], [t("(2, 'a')", table="meta.t")])
    assert found == []


def test_tables_with_equal_stored_digests_count_as_equal(files: Files) -> None:
    """This is so that comparing two equal builds reads no rows."""
    one, other = files.make("one", t("(1, 'a')")), files.make("other", t("(2, 'b')"))
    for path, digest in ((one, "same"), (other, "same")):
        path.chmod(0o644)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"update meta.tables set digest = {literal(digest)}")
    assert differences(one, other, {}) == [TableDifference("main.t", 0, 0, 0, 0, "same", "same")]


def test_equal_rows_with_different_digests_do_not_differ(files: Files) -> None:
    """This happens between two versions of DuckDB."""
    one, other = files.make("one", t("(1, 'a')")), files.make("other", t("(1, 'a')"))
    other.chmod(0o644)
    with duckdb.connect(str(other)) as connection:
        connection.execute("update meta.tables set digest = 'newer'")
    found = differences(one, other, {})
    assert counts(found) == {"main.t": (0, 0, 0)}
    assert found[0].digest_before != found[0].digest_after == "newer"


def test_a_missing_file_is_named_and_not_created(files: Files) -> None:
    present, gone = files.make("one.duckdb", t("(1, 'a')")), files.folder / "gone.duckdb"
    for pair in ((present, gone), (gone, present)):
        with pytest.raises(FileNotFoundError, match=r"gone\.duckdb: found no file"):
            differences(*pair, {})
    assert not gone.exists()


def test_a_file_that_is_not_sealed_is_named(files: Files) -> None:
    sealed, unsealed = files.make("one.duckdb", t("(1, 'a')")), files.folder / "unsealed.duckdb"
    with duckdb.connect(str(unsealed)) as connection:
        connection.execute("create schema meta; create table t as select 1 as i")
    text = files.folder / "text.duckdb"
    text.write_text("not a database " * 1000)
    for path in (unsealed, text):
        for pair in ((sealed, path), (path, sealed)):
            with pytest.raises(PublishError, match=rf"{path.name}: found no readable meta\.tables"):
                differences(*pair, {})


def test_a_truncated_file_is_named_in_one_line(files: Files) -> None:
    whole, torn = files.make("one.duckdb", t("(1, 'a')")), files.make("torn.duckdb", t("(2, 'b')"))
    torn.chmod(0o644)
    os.truncate(torn, 5000)
    for pair in ((whole, torn), (torn, whole), (torn, torn)):
        with pytest.raises(PublishError, match=r"^.*torn\.duckdb: found no readable [^\n]*$"):
            differences(*pair, {})


def test_a_table_whose_rows_are_damaged_is_an_error_in_one_line(files: Files) -> None:
    rows = "select range::integer as i, hash(range)::varchar as s from range(100000)"
    whole = files.make("one.duckdb", t("(1, 'a')"))
    torn = files.make("torn.duckdb", f"create table main.t as {rows}")
    torn.chmod(0o644)
    with torn.open("r+b") as file:
        file.seek(torn.stat().st_size // 2)  # most of the file are these rows
        file.write(b"damage")
    with pytest.raises(PublishError, match=r"^.*torn\.duckdb: found a table that [^\n]*$"):
        differences(whole, torn, {})


def test_a_column_that_was_only_renamed_makes_no_difference(files: Files) -> None:
    """The digest does not depend on column names."""
    found = files.compare([t("(1, 'a')")], [t("(1, 'a')", "j integer, s varchar")])
    assert counts(found) == {"main.t": (0, 0, 0)}


def test_comparing_does_not_change_the_files(files: Files) -> None:
    paths = [files.make("one", t("(1, 'a')")), files.make("other", t("(2, 'a')"))]
    before = [path.read_bytes() for path in paths]
    differences(paths[0], paths[1], BY_I)
    assert [path.read_bytes() for path in paths] == before
    assert sorted(path.name for path in files.folder.iterdir()) == ["one", "other"]
