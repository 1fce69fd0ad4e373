"""Backup and restore as the operator's commands: a new machine goes on where the old one was."""

from pathlib import Path

import duckdb

from tests.conftest import run_command


def digests(home: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        return connection.execute("select * from meta.tables order by all").fetchall()


def test_a_restored_home_goes_on_where_the_old_one_was(bundle_home: Path, tmp_path: Path) -> None:
    backups, home = tmp_path / "backups", tmp_path / "new" / "home"
    backups.mkdir()
    run_command(bundle_home, "backup", str(backups))
    [backup] = backups.iterdir()
    assert backup.name.startswith("borderledger-")
    done = run_command(home, "restore", str(backup))
    assert done.stdout.endswith(": 0 damaged.\n")
    assert digests(home) == digests(bundle_home)
    assert "Nothing is new since build" in run_command(home, "nightly").stdout
    again = run_command(home, "restore", str(backup), expect=3)
    assert "expected an empty folder" in again.stderr
    run_command(home, "backup", str(backup), expect=2)
    run_command(home, "clean", "--dry-run", "--json")
