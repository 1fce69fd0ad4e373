"""Builds in a lake: what a snapshot has, what is written anew, and what a reader sees of a
publication that goes on, fails, is killed, or has company."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.builds.build import Build
from orchestration.lake.connection import LakeError, connected
from orchestration.lake.publication import Publication, publish
from orchestration.settings import ConfigurationError, Lake, Settings
from tests.support.lakes import Reader, Server, cut_short, lake_build, lose, name_of

PUBLISH = """
import pathlib, sys
from orchestration.builds.build import Build
from orchestration.lake.publication import publish
from orchestration.settings import Lake
publish(Build(pathlib.Path(sys.argv[1])), Lake(*sys.argv[2:]))
"""
# one row: the build, as two tables that are written one after the other say it
BOTH = "select (select build_id from meta.builds), (select count(*) from t)"
DESCRIBED = """
select schema_name, table_name, column_name, data_type, comment from duckdb_columns()
where database_name = '{0}' and table_name in
  (select table_name from duckdb_tables() where database_name = '{0}')
union all
select schema_name, table_name, '', '', comment from duckdb_tables() where database_name = '{0}'
union all
select schema_name, view_name, '', '', comment from duckdb_views()
where database_name = '{0}' and not internal
order by all"""


@pytest.fixture(scope="module")
def one(home: Settings) -> Build:
    return lake_build(home, "run-1---", 3)


@pytest.fixture(scope="module")
def other(home: Settings, one: Build) -> Build:
    return lake_build(home, "run-2---", 5)


@pytest.fixture(scope="module")
def changed(home: Settings, other: Build) -> Build:
    """A build that differs in more than rows."""
    return lake_build(
        home,
        "run-3---",
        5,
        "comment on column main.t.i is null",
        "comment on table main.kinds is 'One of each.'",
        "alter table raw.cells rename cell to text",
        "drop view main.doubled",
        "create table main.doubled as select 'a table now' as kind",
        "drop table main.nothing",
        "drop macro main.half",
        "drop macro table main.above",
        "create macro main.above(n) as table select i from t where i >= n",
    )


@dataclass(frozen=True)
class Published:
    """A lake into which a build was published, the same one again, another one, a changed one and,
    as on a rollback, the second one. files: by publication, the tables with new files."""

    lake: Lake
    publications: list[Publication]
    files: list[set[str]]


@pytest.fixture(scope="module")
def published(new_lake: Callable[[], Lake], one: Build, other: Build, changed: Build) -> Published:
    lake = new_lake()
    done = Published(lake, [], [])
    before: set[Path] = set()
    for build in (one, one, other, changed, other):
        done.publications.append(publish(build, lake))
        now = set(Path(lake.data).rglob("*.parquet"))
        done.files.append({path.parent.name for path in now - before})
        before = now
    return done


class TestSnapshots:
    def test_each_build_is_one_snapshot_and_the_newest_is_not_published_again(
        self, published: Published, lake_reader: Reader, one: Build, other: Build, changed: Build
    ) -> None:
        builds = [one, other, changed, other]
        assert lake_reader.builds(published.lake) == [build.build_id for build in builds]
        first, again, *_ = published.publications
        assert (again.snapshot, again.written) == (first.snapshot, 0)
        assert lake_reader.ask(published.lake, BOTH) == [(other.build_id, 5)]

    def test_a_snapshot_has_the_rows_columns_and_comments_of_the_file(
        self, published: Published, lake_reader: Reader, other: Build
    ) -> None:
        with lake_reader.of(published.lake) as session:
            session.execute(f"attach '{other.database}' as file (read_only)")
            names = session.execute(
                "select table_schema || '.' || table_name from information_schema.tables"
                " where table_catalog = 'file'"
            ).fetchall()
            assert {("main.kinds",), ("main.doubled",), ("raw.cells",), ("meta.builds",)} < {*names}
            for (name,) in names:
                here, there = f"from lake.{name}", f"from file.{name}"
                assert session.execute(f"{here} except all {there}").fetchall() == [], name
                assert session.execute(f"{there} except all {here}").fetchall() == [], name
            described = [
                session.execute(DESCRIBED.format(database)).fetchall()
                for database in ("lake", "file")
            ]
            session.execute("detach file")
        assert described[0] == described[1]
        assert any(comment == "A number, as 't' has it." for *_, comment in described[0])

    def test_macros_are_called_once_the_lake_is_used(
        self, published: Published, lake_reader: Reader
    ) -> None:
        found = lake_reader.ask(published.lake, "from above(2) order by all")
        assert found == [(1.5,), (2.0,)]

    def test_an_earlier_build_can_be_read_table_by_table_or_as_a_whole(
        self, published: Published, lake_reader: Reader, one: Build
    ) -> None:
        number = published.publications[0].snapshot.number
        with lake_reader.of(published.lake) as session:
            at = f"at (version => {number})"
            [(build,)] = session.execute(f"select build_id from meta.builds {at}").fetchall()
            assert build == one.build_id
            assert session.execute(f"select count(*) from doubled {at}").fetchall() == [(3,)]
            session.execute(
                f"attach 'ducklake:{published.lake.catalogue}' as earlier"
                f" (read_only, snapshot_version {number})"
            )
            session.execute("use earlier")
            assert session.execute(BOTH).fetchall() == [(one.build_id, 3)]
            assert session.execute("select max(halved) from above(0)").fetchall() == [(1.0,)]
            session.execute("use lake; detach earlier")


class TestWriting:
    def test_a_table_with_equal_rows_is_not_written_again(
        self, published: Published, lake_reader: Reader
    ) -> None:
        first, _, second, *_ = published.publications
        assert (first.kept, second.kept) == (0, 3), "kinds, nothing and cells"
        assert second.written == first.written - 3
        assert {"t", "kinds", "cells"} < published.files[0]
        assert published.files[2] & {"t", "kinds", "cells"} == {"t"}
        [(changes,)] = lake_reader.ask(
            published.lake,
            f"select changes from lake.snapshots() where snapshot_id = {second.snapshot.number}",
        )
        assert {"tables_created", "tables_inserted_into"} < changes.keys()
        made_again = {change for change in changes if "view" in change or "macro" in change}
        assert made_again == set(), "neither are views and macros"

    def test_descriptions_are_published_also_of_a_table_that_is_kept(
        self, published: Published, lake_reader: Reader
    ) -> None:
        assert published.publications[3].kept == 2, "t and kinds"
        found = lake_reader.ask(
            published.lake,
            "select max(comment) from duckdb_columns() where database_name = 'lake' and"
            " table_name = 't' union all select comment from duckdb_tables()"
            " where database_name = 'lake' and table_name = 'kinds'",
        )
        assert found == [("A number, as 't' has it.",), (None,)], "and again on the rollback"

    def test_what_a_build_does_not_have_any_more_is_gone(
        self, published: Published, lake_reader: Reader
    ) -> None:
        number = published.publications[3].snapshot.number
        with lake_reader.of(published.lake) as session:
            session.execute(
                f"attach 'ducklake:{published.lake.catalogue}' as changed"
                f" (read_only, snapshot_version {number})"
            )
            session.execute("use changed")
            assert session.execute("from doubled").fetchall() == [("a table now",)]
            assert session.execute("from raw.cells").fetchall() == [("text",)]
            assert session.execute("select text from raw.cells").fetchall() == [("text",)]
            assert len(session.execute("from above(2)").fetchall()) == 3
            names = session.execute(
                "select table_name from duckdb_tables() where database_name = 'changed'"
                " union all select function_name from duckdb_functions()"
                " where database_name = 'changed'"
            ).fetchall()
            comments = session.execute(
                "select comment from duckdb_columns() where database_name = 'changed' and"
                " table_name = 't' union all select comment from duckdb_tables()"
                " where database_name = 'changed' and table_name = 'kinds'"
            ).fetchall()
            session.execute("use lake; detach changed")
        assert {("t",), ("above",)} < {*names}
        assert {("nothing",), ("half",)}.isdisjoint(names)
        assert comments == [(None,), ("One of each.",)]


@pytest.mark.long
class TestLostFiles:
    """Files that somebody deleted or cut short: the snapshots that have them cannot be read, but no
    new one is made of them."""

    @pytest.fixture
    def lake(self, new_lake: Callable[[], Lake], one: Build) -> Lake:
        lake = new_lake()
        publish(one, lake)
        return lake

    @pytest.mark.parametrize("damage", [lose, cut_short])
    @pytest.mark.parametrize("table", ["raw.cells", "meta.tables"])
    def test_the_next_build_is_whole(
        self,
        lake: Lake,
        table: str,
        damage: Callable[[Lake, str], Path],
        other: Build,
        lake_reader: Reader,
    ) -> None:
        damage(lake, table)
        publish(other, lake)
        assert lake_reader.ask(lake, f"select count(*) > 0 from {table}") == [(True,)]
        assert lake_reader.ask(lake, BOTH) == [(other.build_id, 5)]

    @pytest.mark.parametrize("damage", [lose, cut_short])
    def test_the_same_build_is_published_again(
        self,
        lake: Lake,
        damage: Callable[[Lake, str], Path],
        one: Build,
        lake_reader: Reader,
    ) -> None:
        damage(lake, "main.t")
        again = publish(one, lake)
        assert (again.written > 0, again.kept > 0) == (True, True)
        assert lake_reader.ask(lake, BOTH) == [(one.build_id, 3)]


@pytest.mark.long
class TestOthers:
    """A lake that somebody else writes into as well."""

    def test_their_tables_stay_and_what_they_changed_of_ours_is_written_again(
        self, new_lake: Callable[[], Lake], lake_reader: Reader, one: Build, other: Build
    ) -> None:
        lake = new_lake()
        publish(one, lake)
        with connected(lake, to_write=True) as session:
            session.execute("create schema lake.notes")
            session.execute("create table lake.notes.mine as select 1")
            session.execute("delete from lake.main.kinds")
        publish(other, lake)
        assert lake_reader.ask(lake, "from notes.mine") == [(1,)]
        assert lake_reader.ask(lake, "select count(*) from kinds") == [(2,)]
        assert lake_reader.ask(lake, BOTH) == [(other.build_id, 5)]

    def test_a_lake_of_nothing_but_theirs_is_not_written(
        self, new_lake: Callable[[], Lake], lake_reader: Reader, one: Build
    ) -> None:
        lake = new_lake()
        with connected(lake, to_write=True) as session:
            session.execute("create table lake.main.t as select 'mine' as owner")
        with pytest.raises(LakeError, match="found tables of others"):
            publish(one, lake)
        assert lake_reader.ask(lake, "from t") == [("mine",)]


@pytest.mark.long
class TestMeanwhile:
    """A reader sees whole builds only."""

    @pytest.fixture(scope="class")
    def lake(self, new_lake: Callable[[], Lake], one: Build) -> Lake:
        lake = new_lake()
        publish(one, lake)
        return lake

    @pytest.fixture
    def turn(
        self, lake: Lake, lake_reader: Reader, one: Build, other: Build
    ) -> tuple[Build, list[tuple[str, int]], list[tuple[str, int]]]:
        """The build that is published next, and what a reader sees before and after that."""
        seen = [(one, [(one.build_id, 3)]), (other, [(other.build_id, 5)])]
        now = lake_reader.ask(lake, BOTH)
        [(build, after)] = [(build, found) for build, found in seen if found != now]
        return build, now, after

    @pytest.fixture
    def pool(self) -> Iterator[ThreadPoolExecutor]:
        with ThreadPoolExecutor() as pool:
            yield pool

    def test_a_publication_that_goes_on_is_not_seen(
        self,
        lake_server: Server,
        lake: Lake,
        lake_reader: Reader,
        turn: tuple[Build, list[tuple[str, int]], list[tuple[str, int]]],
        pool: ThreadPoolExecutor,
    ) -> None:
        build, before, after = turn
        with lake_reader.of(lake) as session:
            with lake_server.commits_held(lake) as wait_for:
                publication = pool.submit(publish, build, lake)
                wait_for(1)
                assert session.execute(BOTH).fetchall() == before
                session.begin()
                assert session.execute(BOTH).fetchall() == before
            publication.result()
            assert session.execute(BOTH).fetchall() == before, "in the same transaction"
            session.commit()
            assert session.execute(BOTH).fetchall() == after

    def test_one_that_is_killed_leaves_the_last_snapshot(
        self,
        lake_server: Server,
        lake: Lake,
        lake_reader: Reader,
        turn: tuple[Build, list[tuple[str, int]], list[tuple[str, int]]],
    ) -> None:
        build, before, after = turn
        builds = lake_reader.builds(lake)
        words = [sys.executable, "-c", PUBLISH, str(build.folder), lake.catalogue, lake.data]
        with lake_server.commits_held(lake) as wait_for, subprocess.Popen(words) as process:
            wait_for(1)
            process.kill()
        assert process.returncode == -9
        assert (lake_reader.builds(lake), lake_reader.ask(lake, BOTH)) == (builds, before)
        publish(build, lake)
        assert lake_reader.ask(lake, BOTH) == after

    def test_one_that_fails_leaves_the_last_snapshot_and_says_why(
        self,
        lake_server: Server,
        lake: Lake,
        lake_reader: Reader,
        turn: tuple[Build, list[tuple[str, int]], list[tuple[str, int]]],
    ) -> None:
        build, before, after = turn
        builds = lake_reader.builds(lake)
        lake_server.execute(
            name_of(lake),
            "create function refuse() returns trigger language plpgsql as"
            " $$ begin raise exception 'no space left on device'; end $$",
            "create trigger refusal before insert on ducklake_snapshot_changes"
            " execute function refuse()",
        )
        with pytest.raises(LakeError) as failed:
            publish(build, lake)
        assert str(failed.value) == f"the lake at {lake.catalogue}: no space left on device"
        assert (lake_reader.builds(lake), lake_reader.ask(lake, BOTH)) == (builds, before)
        lake_server.execute(name_of(lake), "drop trigger refusal on ducklake_snapshot_changes")
        publish(build, lake)
        assert lake_reader.ask(lake, BOTH) == after

    def test_two_at_once_publish_in_turn(
        self,
        lake_server: Server,
        lake: Lake,
        lake_reader: Reader,
        home: Settings,
        pool: ThreadPoolExecutor,
    ) -> None:
        rows = {lake_build(home, f"run-{number}---", number): number for number in (4, 6)}
        with lake_server.commits_held(lake) as wait_for:
            publications = [pool.submit(publish, build, lake) for build in rows]
            wait_for(2)
        for (build, number), publication in zip(rows.items(), publications, strict=True):
            at = f"at (version => {publication.result().snapshot.number})"
            found = lake_reader.ask(
                lake,
                f"select (select build_id from meta.builds {at}), (select count(*) from t {at})",
            )
            assert found == [(build.build_id, number)]
        assert {*lake_reader.builds(lake)[-2:]} == {build.build_id for build in rows}

    def test_two_at_once_make_the_lake(
        self, new_lake: Callable[[], Lake], lake_reader: Reader, home: Settings
    ) -> None:
        """In processes of their own, which come to it within milliseconds: three times, of which
        one in two was a failure."""
        builds = [lake_build(home, f"run-{number}---", number) for number in (7, 8)]
        for lake in (new_lake() for _ in range(3)):
            publishing = [
                subprocess.Popen(
                    [sys.executable, "-c", PUBLISH, build.folder, lake.catalogue, lake.data]
                )
                for build in builds
            ]
            assert [process.wait() for process in publishing] == [0, 0]
            assert {*lake_reader.builds(lake)} == {build.build_id for build in builds}


def test_a_folder_that_is_not_mounted_is_not_written(
    new_lake: Callable[[], Lake], one: Build
) -> None:
    lake = new_lake()
    Path(lake.data).rmdir()
    with pytest.raises(ConfigurationError, match="found no folder"):
        publish(one, lake)
    assert not Path(lake.data).exists()
