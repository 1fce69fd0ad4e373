"""What the environment sets, and which landing folders a launched run may read."""

import errno
import os
from pathlib import Path

import pytest

from orchestration.settings import ConfigurationError, Lake, Settings


def test_settings_are_read_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_LANDING", f"{tmp_path}/a:{tmp_path}/b")
    monkeypatch.setenv("BORDERLEDGER_LANDING_ROOTS", f"{tmp_path}/roots:")
    monkeypatch.setenv("BORDERLEDGER_UI_ORIGIN", "https://ledger.example.gov")
    monkeypatch.setenv("BORDERLEDGER_CLAIMS", f"{tmp_path}/mine.csv::{tmp_path}/yours.csv")
    settings = Settings.from_environment()
    assert settings.landing == (tmp_path / "a", tmp_path / "b")
    assert settings.landing_roots == (tmp_path / "roots",)
    assert settings.ui_origin == "https://ledger.example.gov"
    assert settings.claims == (tmp_path / "mine.csv", tmp_path / "yours.csv")


def test_the_archive_is_in_the_home_unless_it_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path / "home"))
    assert Settings.from_environment().archive == tmp_path / "home" / "archive"
    monkeypatch.setenv("BORDERLEDGER_ARCHIVE", str(tmp_path / "shared" / "archive"))
    settings = Settings.from_environment()
    assert settings.archive == tmp_path / "shared" / "archive"
    assert settings.builds == tmp_path / "home" / "builds"


def test_a_file_of_claims_has_the_name_that_was_given_and_need_not_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").symlink_to("version-7.csv")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.setenv("BORDERLEDGER_CLAIMS", f"mine.csv:loop:{'a' * 300}")
    found = Settings.from_environment().claims
    assert found == (tmp_path / "mine.csv", tmp_path / "loop", tmp_path / ("a" * 300))


def test_a_launched_run_may_read_folders_below_the_configured_ones(tmp_path: Path) -> None:
    landing, root = tmp_path / "landing", tmp_path / "root"
    settings = Settings(tmp_path / "home", landing=(landing,), landing_roots=(root,))
    folders = [landing, landing / "more", root, root / "deep" / "down"]
    found = settings.launched_with(map(str, folders), offline=True)
    assert found.landing == (landing, *folders)
    assert found.offline


@pytest.mark.parametrize("folder", ["other", "root/../other", "rooted", "", "root/link", "/"])
def test_a_launched_run_may_read_no_other_folder(folder: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    settings = Settings(tmp_path / "home", landing_roots=(root,))
    asked = tmp_path / folder
    with pytest.raises(ConfigurationError) as refused:
        settings.launched_with([str(asked)], offline=False)
    assert str(asked.resolve()) in str(refused.value)
    assert str(root) in str(refused.value)


def test_without_configured_folders_a_launched_run_may_read_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="none is set"):
        Settings(tmp_path).launched_with([str(tmp_path)], offline=False)


def test_a_command_may_read_any_folder(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "home", landing_roots=(tmp_path / "root",))
    assert settings.widened([tmp_path / "other"]).landing == (tmp_path / "other",)


def test_the_channels_of_alerts_are_separated_by_white_space_and_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path))
    monkeypatch.setenv("BORDERLEDGER_ALERTS", " slack://hidden1/B/C\n jsons://me:hidden2@host/x\t")
    settings = Settings.from_environment()
    assert [url.get_secret_value() for url in settings.alerts] == [
        "slack://hidden1/B/C",
        "jsons://me:hidden2@host/x",
    ]
    assert "hidden" not in f"{settings!r} {settings.alerts} {settings.widened(offline=True)}"


def test_a_home_with_a_question_mark_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", f"{tmp_path}/wh?t")
    with pytest.raises(ConfigurationError, match=r"wh\?t; expected a path without `\?`"):
        Settings.from_environment()


@pytest.mark.parametrize(
    "variable", ["BORDERLEDGER_HOME", "BORDERLEDGER_LANDING", "BORDERLEDGER_CLAIMS"]
)
def test_a_relative_path_in_a_deleted_working_directory_is_refused(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # so that it is restored at the end
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path / "home"))
    assert Settings.from_environment().home == tmp_path / "home"
    monkeypatch.setenv(variable, "data")
    with pytest.raises(ConfigurationError, match=f"{variable} has 'data', relative to a working"):
        Settings.from_environment()


@pytest.mark.parametrize("variable", ["BORDERLEDGER_HOME", "BORDERLEDGER_LANDING"])
@pytest.mark.parametrize(
    ("name", "why"), [("a" * 300, "too long"), ("loop", "loop")], ids=["long", "loop"]
)
def test_what_cannot_be_a_path_is_refused(
    variable: str, name: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.setenv(variable, str(tmp_path / name))
    with pytest.raises(ConfigurationError, match=f"^{variable} has .*{why}.*; expected a path$"):
        Settings.from_environment()


def test_a_relative_path_in_a_working_directory_that_may_not_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(_: Path) -> Path:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "resolve", resolve)
    monkeypatch.setenv("BORDERLEDGER_HOME", "data")
    with pytest.raises(ConfigurationError, match="BORDERLEDGER_HOME has 'data': Permission denied"):
        Settings.from_environment()


def test_a_launched_run_is_refused_what_cannot_be_a_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="embedded null byte; expected a path"):
        Settings(tmp_path / "home").launched_with(["\0"], offline=True)


def test_a_home_that_is_not_utf8_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", f"{tmp_path}/\udcff")
    with pytest.raises(ConfigurationError, match="expected a path in UTF-8"):
        Settings.from_environment()


def set_lake(monkeypatch: pytest.MonkeyPatch, catalogue: str, data: str) -> None:
    monkeypatch.setenv("BORDERLEDGER_LAKE", catalogue)
    monkeypatch.setenv("BORDERLEDGER_LAKE_DATA", data)


@pytest.mark.parametrize(
    ("catalogue", "data"),
    [
        ("postgres:dbname=border host=db.example.gov user=borderledger", "s3://border/lake"),
        ("postgres: dbname = 'the border' host=/run/postgresql", "/srv/lake"),
        ("postgres:service=border", "s3://border"),
    ],
)
def test_a_lake_has_a_catalogue_and_a_place_of_its_data(
    catalogue: str, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_lake(monkeypatch, catalogue, data)
    assert Settings.from_environment().lake == Lake(catalogue, data)


def test_without_a_lake_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    set_lake(monkeypatch, "", "")
    assert Settings.from_environment().lake is None


@pytest.mark.parametrize(
    ("catalogue", "data", "message"),
    [
        ("postgres:dbname=border", "", "found BORDERLEDGER_LAKE without BORDERLEDGER_LAKE_DATA"),
        ("", "/srv/lake", "found BORDERLEDGER_LAKE_DATA without BORDERLEDGER_LAKE;"),
        ("postgres://me:sesame@db/border", "/srv/lake", "expected `postgres:` and"),
        (
            "postgres:dbname=postgresql://me:sesame@db/border",
            "/srv/lake",
            "expected `postgres:` and",
        ),
        ("postgres:dbname=border password=sesame", "/srv/lake", "expected it in PGPASSWORD"),
        ("postgres:dbname=border PASSWORD='sesame'", "/srv/lake", "expected it in PGPASSWORD"),
        ("postgres:dbname='sesame", "/srv/lake", "expected `postgres:` and"),
        ("/srv/border.ducklake", "/srv/lake", "expected `postgres:` and"),
        ("postgres:dbname=border", "lake", "expected the absolute path of a folder"),
        ("postgres:dbname=border", "s3://border/*", "expected the absolute path of a folder"),
    ],
)
def test_half_a_lake_and_a_password_in_its_address_are_refused_and_not_repeated(
    catalogue: str, data: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_lake(monkeypatch, catalogue, data)
    with pytest.raises(ConfigurationError, match=message) as refused:
        Settings.from_environment()
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize(
    "found",
    ["512", "half", "-1GB", "0GB", "0.0 MB", "1K\u0130B", "999999999TB", "1GB; drop table x"],
)
def test_a_limit_of_memory_needs_a_number_and_a_unit(
    found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERLEDGER_MEMORY", found)
    with pytest.raises(ConfigurationError, match=r"BORDERLEDGER_MEMORY is .*; expected a number"):
        Settings.from_environment()
