"""The lake of a whole home, with the commands and the queries of docs/off-one-machine.md."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from orchestration.lake.connection import connected
from orchestration.settings import Lake
from tests.conftest import PROJECT, run_command
from tests.support.lakes import Reader, Server, name_of

PAGE = PROJECT / "docs" / "off-one-machine.md"
DIGEST = "select count(*), sum(hash(t)), bit_xor(hash(t, 'lake')) from {} as t"
NEWEST, ENCOUNTERS = "2026-08-01", "8870"  # of the bundle


def block(kind: str) -> str:
    """The page's code block of a kind."""
    [found] = re.findall(
        rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return str(found)


@pytest.fixture
def lake(new_lake: Callable[[], Lake], monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake whose settings have the names that the page gives them."""
    lake = new_lake()
    names = [line.partition("=")[0] for line in block("text lake").splitlines()]
    for name, value in zip(names, (lake.catalogue, lake.data), strict=True):
        monkeypatch.setenv(name, value)
    return lake


def ask_duckdb(folder: Path, query: str) -> list[str]:
    """The lines that DuckDB's own command prints, in a process that knows nothing of ours."""
    loads = [
        f"load '{files(f'duckdb_extension_{name}')}/extensions/v{duckdb.__version__}/"
        f"{name}.duckdb_extension';"
        for name in ("postgres_scanner", "ducklake")
    ]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("duckdb")), "-csv", "-noheader", "-bail"],
        input="\n".join([*loads, query]),
        env={"PATH": os.defpath, "HOME": str(folder), "TZ": "UTC"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.splitlines()


def assert_equal(lake: Lake, lake_reader: Reader, home: Path) -> None:
    """Assert that a lake and the published file of a home have the same rows in each table and
    view, and return the same from each macro as of a day."""
    with lake_reader.of(lake) as session:
        session.execute(f"attach '{home / 'border.duckdb'}' as file (read_only)")
        tables = session.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_catalog = 'file'"
        ).fetchall()
        macros = session.execute(
            "select function_name || '(' || if(len(parameters) = 1, '', 'date ''2024-06-01'', ')"
            " || 'date ''2025-01-01'')' from duckdb_functions()"
            " where database_name = 'file' and function_type = 'table_macro'"
        ).fetchall()
        assert len(tables) > 90
        assert len(macros) > 20
        for (name,) in (*tables, *macros):
            found = []
            for database in ("lake", "file"):
                session.execute(f"use {database}")
                found.append(session.execute(DIGEST.format(name)).fetchall())
            assert found[0] == found[1], name
        session.execute("use lake; detach file")


def test_a_home_is_published_and_read_as_the_page_says(
    lake: Lake, lake_server: Server, lake_reader: Reader, own_home: Path, tmp_path: Path
) -> None:
    publish, listing = [shlex.split(line)[1:] for line in block("sh lake").splitlines()]
    printed = run_command(own_home, *publish).stdout
    [build] = re.findall(
        r"^Published build (\S+) into the lake: snapshot 1$", printed, re.MULTILINE
    )
    assert re.search(rf"^ *1  {build} ", run_command(own_home, *listing).stdout, re.MULTILINE)

    lake_server.execute(
        name_of(lake),
        "create role reading login",
        "grant select on all tables in schema public to reading",
    )
    address = lake.catalogue.replace("user=dagster", "user=reading")
    query = re.sub(r"postgres:[^']+", address, block("sql lake"))
    first, *_, snapshot, of_version_1 = ask_duckdb(tmp_path, query)
    assert first == f"{NEWEST},{ENCOUNTERS}"
    assert snapshot.split(",")[0] == "1"
    assert (snapshot.split(",")[-1], of_version_1) == (build, build)

    orphan = Path(lake.data) / "main" / "dim_area" / "left-by-a-killed-publication.parquet"
    orphan.write_bytes(b"PAR1")
    with connected(lake, to_write=True) as session:
        upkeep = re.sub("interval '1 (year|day)'", "interval '0 days'", block("sql maintenance"))
        session.execute(upkeep).fetchall()
    assert not orphan.exists()
    assert lake_reader.builds(lake) == [build]
    assert_equal(lake, lake_reader, own_home)
    printed = run_command(own_home, *publish).stdout
    assert "Published build" not in printed, "it is still the newest"
