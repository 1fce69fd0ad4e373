"""Every command and script of docs/ways-in.md runs, for which a client is installed."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import PROJECT, run_command

PAGE = PROJECT / "docs" / "ways-in.md"
BLOCK = re.compile(r"^```([a-z]+(?: [a-z]+)?)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ELSEWHERE = {"sh"}  # run by test_docs
NEWEST = "2026-08"  # the last month between ports in the bundle
ENCOUNTERS = "8870"


def blocks(language: str) -> list[str]:
    """The page's code blocks in a language."""
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [text for name, text in found if name == language]


@pytest.fixture
def checkout(bundle_home: Path, tmp_path: Path) -> Path:
    """A folder as a checkout is: the home, with an export, and the notebook."""
    home = tmp_path / "warehouse"
    home.mkdir()
    (home / "border.duckdb").symlink_to(bundle_home / "border.duckdb")
    (tmp_path / "docs").mkdir()
    shutil.copy(PROJECT / "docs" / "notebook.py", tmp_path / "docs")
    return tmp_path


def run(checkout: Path, *words: str) -> str:
    """What a program of the environment prints, run in the checkout."""
    tools = Path(sys.executable).parent
    done = subprocess.run(
        words,
        cwd=checkout,
        env=os.environ
        | {
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "BORDERLEDGER_HOME": str(checkout / "warehouse"),
            "DO_NOT_TRACK": "1",
            "HOME": str(checkout),  # whose settings of these clients are not the tests'
            "XDG_CONFIG_HOME": str(checkout / ".config"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_block_of_the_page_is_run() -> None:
    found = {name for name, _ in BLOCK.findall(PAGE.read_text(encoding="utf-8"))}
    assert found - ELSEWHERE == {"sh duckdb", "sh marimo", "python", "r", "ini"}


def test_duckdbs_command_line(checkout: Path) -> None:
    [text] = blocks("sh duckdb")
    commands = [shlex.split(line) for line in text.splitlines()]
    assert all("-readonly" in words for words in commands)
    claims, series = [run(checkout, *words) for words in commands]
    assert "supported" in claims
    assert "2024-09-01" in series, "what was published on that day"
    assert "2024-11-01" not in series


@pytest.mark.parametrize("script", blocks("python"), ids=["polars", "pandas"])
def test_python(script: str, checkout: Path) -> None:
    printed = run(checkout, "python", "-c", script)
    assert NEWEST in printed
    assert ENCOUNTERS in printed


class TestNotebook:
    def test_it_runs_as_the_page_says(self, checkout: Path) -> None:
        [text] = blocks("sh marimo")
        for line in text.splitlines():
            run(checkout, *shlex.split(line))
        page = (checkout / "notebook.html").read_text(encoding="utf-8")
        assert "The newest month today is August 2026: 8,870 encounters" in page
        assert "as of 2024-12-20 is September 2024" in page

    def test_a_notebook_without_a_published_file_fails(self, checkout: Path) -> None:
        """So the test above would see a cell that fails."""
        (checkout / "warehouse" / "border.duckdb").unlink()
        with pytest.raises(AssertionError, match="does not exist"):
            run(checkout, "python", "docs/notebook.py")

    def test_its_cells_are_marimos(self, checkout: Path) -> None:
        run(checkout, "marimo", "check", "--strict", "docs/notebook.py")


class TestR:
    def test_duckdbs_package(self, checkout: Path) -> None:
        if not shutil.which("Rscript"):
            pytest.skip("needs R, which is not installed")
        query = "cat(requireNamespace('duckdb', quietly = TRUE))"
        if run(checkout, "Rscript", "-e", query) != "TRUE":
            pytest.skip("needs R's package duckdb, which is not installed")
        assert ENCOUNTERS in run(checkout, "Rscript", "-e", blocks("r")[0])

    def test_the_csv_files_of_an_export(self, bundle_home: Path, checkout: Path) -> None:
        if not shutil.which("Rscript"):
            pytest.skip("needs R, which is not installed")
        folder = checkout / "warehouse" / "export"
        run_command(bundle_home, "export", str(folder), "--tables", "southwest_border_monthly")
        printed = run(checkout, "Rscript", "-e", blocks("r")[1])
        assert NEWEST in printed
        assert ENCOUNTERS in printed


def test_odbc(checkout: Path) -> None:
    """With the driver that DUCKDB_ODBC_DRIVER names."""
    driver = os.environ.get("DUCKDB_ODBC_DRIVER")
    if not (driver and shutil.which("isql")):
        pytest.skip("needs unixODBC's isql and DuckDB's driver, named by DUCKDB_ODBC_DRIVER")
    [text] = blocks("ini")
    text = text.replace("/path/to/libduckdb_odbc.so", driver)
    (checkout / ".odbc.ini").write_text(text.replace("/path/to", str(checkout)))
    query = "echo 'select count(*) as claims from claim_checks' > query; isql borderledger < query"
    assert "claims" in run(checkout, "sh", "-c", query)


def test_the_session_that_the_page_recommends_cannot_write(bundle_home: Path) -> None:
    """JDBC and ODBC hand DuckDB the setting `access_mode`, which the page names."""
    database = str(bundle_home / "border.duckdb")
    with (
        duckdb.connect(database, config={"access_mode": "READ_ONLY"}) as connection,
        pytest.raises(duckdb.InvalidInputException, match="read-only"),
    ):
        connection.execute("create table mine as select 1")


def test_the_file_is_in_the_oldest_storage_format(bundle_home: Path) -> None:
    """So that clients from DuckDB 0.10 open it, as the page says."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{bundle_home / 'border.duckdb'}' as border (read_only)")
        [(tags,)] = connection.execute(
            "select tags from duckdb_databases() where database_name = 'border'"
        ).fetchall()
    assert tags["storage_version"] == "v1.0.0+"
