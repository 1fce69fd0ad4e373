"""Backups: what a home cannot make again comes back byte for byte, or not at all."""

import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestration.builds.backup import BackupError, back_up, restore
from orchestration.builds.publishing import publish, published_build
from orchestration.builds.sealing import seal
from orchestration.builds.verification import verify
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.support.builds import DECLARED, filled_build, gate_result, overwrite_bytes, sealed_build
from tests.support.reviews import FIRST, NEXT, File, archive_of


@pytest.fixture(scope="module")
def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two releases, a published build, one that was published before, one that is
    being made, and the operator's files. Not to be changed."""
    settings = Settings(tmp_path_factory.mktemp("prepared") / "home")
    archive_of(settings.home, FIRST, File("2025-01", NEXT.bytes()))
    publish(sealed_build(settings, "run-one-"), settings)
    publish(sealed_build(settings, "run-two-", rows=5), settings)
    filled_build(settings, "run-three")
    settings.dagster_home.mkdir()
    (settings.dagster_home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    (settings.home / "alerts.json").write_text("{}\n")
    (settings.home / "last-run.log").write_text("of no use\n")
    return settings.home


@pytest.fixture
def settings(prepared_home: Path, tmp_path: Path) -> Settings:
    """A copy of the prepared home."""
    return Settings(Path(shutil.copytree(prepared_home, tmp_path / "home", symlinks=True)))


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "other" / "home")


def contents(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def repack(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Write a backup again with changed files."""
    with tarfile.open(path) as tar:
        files = {m.name: (tar.extractfile(m) or pytest.fail(m.name)).read() for m in tar}
    change(files)
    folder = path.parent / "repacked"
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            file = folder / "file"
            folder.mkdir(exist_ok=True)
            file.write_bytes(content)
            tar.add(file, arcname=name)


@pytest.mark.parametrize("name", ["backup.tar", "backup.tar.gz"])
def test_what_is_permanent_comes_back(
    settings: Settings, empty: Settings, tmp_path: Path, name: str
) -> None:
    before = contents(settings.home)
    build = published_build(settings)
    assert build is not None
    made = back_up(settings, tmp_path / name)
    assert contents(settings.home) == before, "a backup changes nothing"
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600, "it may hold a password"
    assert restore(empty, tmp_path / name) == made
    expected = {
        path: content
        for path, content in before.items()
        if path.startswith(("archive/", f"builds/{build.build_id}/", "dagster/"))
        or path in ("alerts.json", "border.duckdb")
    }
    assert contents(empty.home) == expected
    assert {found.problem for found in verify(empty)} == {None}
    restored = published_build(empty)
    assert restored is not None
    assert restored.record == build.record
    for path in (empty.home / "archive").rglob("*"):
        assert path.stat().st_mode & 0o007 == 0, f"{path} can be read by everybody"


def test_a_home_without_a_build_can_be_backed_up(tmp_path: Path, empty: Settings) -> None:
    settings = Settings(tmp_path / "home")
    archive_of(settings.home, FIRST)
    assert back_up(settings, tmp_path / "b.tar").published is None
    restore(empty, tmp_path / "b.tar")
    assert Archive(empty.archive).digest() == Archive(settings.archive).digest()


def test_a_published_build_without_a_readable_record_is_not_left_out_without_a_word(
    settings: Settings, tmp_path: Path
) -> None:
    build = published_build(settings)
    assert build is not None
    (build.folder / "build.json").write_text("{torn")
    with pytest.raises(BackupError, match=r"border\.duckdb: found no kept build .* verify`"):
        back_up(settings, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


def test_the_history_comes_back_if_it_is_asked_for(
    settings: Settings, empty: Settings, tmp_path: Path
) -> None:
    for name in ("history/runs.db", "history/runs/.db", "schedules/schedules.db"):
        path = settings.dagster_home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with sqlite3.connect(path) as connection:
            connection.execute("pragma journal_mode = wal")
            connection.execute("create table t as select 1 as n")
        connection.execute("insert into t values (2)")
        connection.commit()  # left open: its rows are in the file beside it
    back_up(settings, tmp_path / "without.tar")
    back_up(settings, tmp_path / "with.tar", with_history=True)
    connection.close()
    restore(empty, tmp_path / "with.tar")
    for name in ("history/runs.db", "history/runs/.db", "schedules/schedules.db"):
        with sqlite3.connect(empty.dagster_home / name) as connection:
            assert connection.execute("select sum(n) from t").fetchone() == (3,)
    with tarfile.open(tmp_path / "without.tar") as tar:
        assert not [name for name in tar.getnames() if name.endswith(".db")]


def test_a_home_that_is_not_empty_is_refused(settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path / "b.tar")
    before = contents(settings.home)
    with pytest.raises(BackupError, match="expected an empty folder"):
        restore(settings, tmp_path / "b.tar")
    assert contents(settings.home) == before


def test_a_damaged_home_is_not_backed_up(settings: Settings, tmp_path: Path) -> None:
    build = published_build(settings)
    assert build is not None
    overwrite_bytes(build)
    with pytest.raises(BackupError, match=r"builds/.*border\.duckdb: found no file or a changed"):
        back_up(settings, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()
    assert not list(settings.home.glob(".backup-*"))


def test_a_home_whose_archive_has_lost_releases_is_not_backed_up(
    settings: Settings, tmp_path: Path
) -> None:
    """As where the archive is not mounted: the older backup has them."""
    build = filled_build(settings, "run-four-")
    with duckdb.connect(str(build.database)) as connection:
        connection.execute(
            "create table meta.releases as select dataset, 'ab12' as release_id, file_name,"
            " published_on, 'accepted' as verdict, null::varchar as decided_by,"
            " null::timestamptz as decided_on, null::varchar as decision_reason, '[]' as notes from"
            " (values ('d', 'f.csv', date '2024-12-19')) as t(dataset, file_name, published_on)"
        )
    check = gate_result(table="meta.releases")
    build.add_gate_results([check])
    seal(build, 1, [*DECLARED, (check.table, check.check)])
    publish(build, settings)
    with pytest.raises(BackupError, match=r"archive without the release ab12 \(d, f\.csv, pub"):
        back_up(settings, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


def test_a_release_that_is_replaced_meanwhile_is_copied_whole(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first attempt meets a build that a run has just deleted."""
    link = Path.hardlink_to
    missed: list[Path] = []

    def once_gone(target: Path, source: Path) -> None:
        if source.name == "made-of.json" and not missed:
            missed.append(source)
            raise FileNotFoundError(2, "No such file or directory", str(source))
        link(target, source)

    monkeypatch.setattr(Path, "hardlink_to", once_gone)
    made = back_up(settings, tmp_path / "b.tar")
    assert missed
    assert any(name.endswith("made-of.json") for name in made.files)


def test_files_are_copied_where_there_are_no_links(
    settings: Settings, empty: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    back_up(settings, tmp_path / "b.tar")
    restore(empty, tmp_path / "b.tar")
    assert {found.problem for found in verify(empty)} == {None}


def rename(old: str, new: str) -> Callable[[dict[str, bytes]], object]:
    return lambda files: files.update({new: files.pop(old)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: files.update({"alerts.json": b"{ }\n"}), "alerts.json: found sha256"),
        (lambda files: files.pop("alerts.json"), "found no alerts.json"),
        (lambda files: files.update({"more.json": b""}), "found 'more.json'"),
        (lambda files: files.pop("backup.json"), "found no backup.json at its beginning"),
        (
            lambda files: files.update(
                {"backup.json": files["backup.json"].replace(b'"form": 1', b'"form": 2')}
            ),
            "found form 2, expected 1",
        ),
        (
            lambda files: files.update(
                {"backup.json": files["backup.json"].replace(b'"alerts.json"', b'"archive/../x"')}
            ),
            "expected a path below",
        ),
    ],
    ids=["changed", "missing", "more", "no list", "another form", "a path outside"],
)
def test_a_damaged_backup_leaves_the_home_empty(
    settings: Settings,
    empty: Settings,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], object],
    message: str,
) -> None:
    back_up(settings, tmp_path / "b.tar")
    repack(tmp_path / "b.tar", change)
    with pytest.raises(BackupError, match=message):
        restore(empty, tmp_path / "b.tar")
    assert list(empty.home.iterdir()) == []


@pytest.mark.parametrize("name", ["backup.tar", "backup.tar.gz"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_backup_that_was_cut_leaves_the_home_empty(
    settings: Settings, empty: Settings, tmp_path: Path, name: str, share: float
) -> None:
    path = tmp_path / name
    back_up(settings, path)
    os.truncate(path, int(path.stat().st_size * share))
    with pytest.raises(BackupError, match="found"):
        restore(empty, path)
    assert list(empty.home.iterdir()) == []
