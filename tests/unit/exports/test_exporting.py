"""Exports of a made published file: what its files have, and which folders are left alone."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from frictionless import Package, validate

from orchestration.builds.sealing import content_digests
from orchestration.durable import WriteError, sha256_of
from orchestration.exports import exporting
from orchestration.exports.exporting import export, exported_tables
from orchestration.exports.files import TableFiles, write_files
from orchestration.settings import ConfigurationError
from tests.support.exports import csv_digests, package_of, parquet_digests

FILE = """
create schema meta;
create table dim_area as from (values ('North'), ('South')) as areas(area);
create table people as from (values
  ('South', date '2024-02-01', 7, 0.1::double, null, ['a', 'it''s'], true, '', '=1+1', ''),
  ('North', date '2024-02-01', null, 'inf', '', [], null, '', null, 'NULLs'),
  ('North', date '2024-01-01', 3, 'nan', 'a "b", c', null, false, '', 'x', 'n')
) as people(area, month, n, share, note, ids, is_partial, nothing, formula, word);
comment on table people is 'One row per area and month.';
comment on column people.n is 'How many.';
create view fewer as select area, month from people where n > 3;
create table meta.builds as
  select '20241001T000000Z-abc' as build_id, timestamptz '2024-10-01 23:30:00+00' as built_at;
create table meta.releases as from (values
  ('The Agency', 'Its series', 'https://example.gov/series', 'public domain', 'accepted'),
  ('Another', 'A bad file', 'https://example.gov/bad', 'public domain', 'refused')
) as releases(publisher, dataset_title, landing_page, licence, verdict);
create table meta.columns as from (values
  ('main', 'people', 'area', null, 2, 'dim_area', 'area'),
  ('main', 'people', 'month', null, 1, null, null),
  ('main', 'people', 'n', 'people', null, null, null),
  ('main', 'dim_area', 'area', null, 1, 'dim_area', 'area')
) as columns(schema_name, table_name, column_name, unit, key_position, references_table,
  references_column);
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "border.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(FILE)
    return path


def fields(folder: Path, table: str) -> dict[str, dict[str, object]]:
    [resource] = [one for one in package_of(folder)["resources"] if one["name"] == table]
    return {field["name"]: field for field in resource["schema"]["fields"]}


def test_both_kinds_of_file_load_back_with_the_rows_of_the_published_file(
    published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    with duckdb.connect(str(published), read_only=True) as connection:
        digests = {str(one["table_name"]): one["digest"] for one in content_digests(connection)}
    assert set(digests) == {"dim_area", "people", "fewer"}
    assert parquet_digests(tmp_path / "export") == digests
    assert csv_digests(tmp_path / "export") == digests


def test_a_csv_file_is_what_a_spreadsheet_expects(published: Path, tmp_path: Path) -> None:
    export(published, tmp_path / "export")
    with (tmp_path / "export" / "data" / "people.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["month"], row["area"], row["n"]) for row in rows] == [
        ("2024-01-01", "North", "3"),
        ("2024-02-01", "North", ""),
        ("2024-02-01", "South", "7"),
    ], "in the order of the key: first the month"
    assert [row["ids"] for row in rows] == ["", "[]", '["a","it\'s"]']
    assert [row["share"] for row in rows] == ["NaN", "INF", "0.1"]
    assert [row["is_partial"] for row in rows] == ["false", "", "true"]
    assert [row["note"] for row in rows] == ['a "b", c', "", "NULL"]
    assert [row["formula"] for row in rows] == ["x", "", "=1+1"], "text is not altered"


def test_the_data_package_is_valid_and_says_how_null_is_written(
    published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    report = validate(str(tmp_path / "export" / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    columns = fields(tmp_path / "export", "people")
    assert columns["note"]["missingValues"] == ["NULL"]
    assert columns["nothing"]["missingValues"] == []
    assert "missingValues" not in columns["formula"]
    people = Package.from_descriptor(
        str(tmp_path / "export" / "datapackage.json")
    ).get_table_resource("people")
    assert [row["note"] for row in people.read_rows()] == ['a "b", c', "", None]


def test_null_is_a_word_that_no_cell_has(published: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(published)) as connection:
        connection.execute(
            "create table words as from (values (''), ('NULL'), ('NULL_2'), (null)) as words(word)"
        )
    export(published, tmp_path / "export")
    assert fields(tmp_path / "export", "words")["word"]["missingValues"] == ["NULL_3"]
    assert fields(tmp_path / "export", "people")["note"]["missingValues"] == ["NULL"]
    words = Package.from_descriptor(
        str(tmp_path / "export" / "datapackage.json")
    ).get_table_resource("words")
    assert [row["word"] for row in words.read_rows()] == ["", "NULL", "NULL_2", None]
    assert "(as `NULL`, `NULL_3`)" in (tmp_path / "export" / "README.md").read_text()


def test_a_damaged_file_of_an_export_is_found_by_its_digest(
    published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    path = tmp_path / "export" / "data" / "people.csv"
    path.write_text(path.read_text().replace(",3,", ",4,"))
    report = validate(str(tmp_path / "export" / "datapackage.json"))
    assert ["hash-count"] in report.flatten(["type"])


def test_the_data_package_has_units_keys_and_references(published: Path, tmp_path: Path) -> None:
    export(published, tmp_path / "export")
    package = package_of(tmp_path / "export")
    [people] = [one for one in package["resources"] if one["name"] == "people"]
    assert people["description"] == "One row per area and month."
    assert people["schema"]["primaryKey"] == ["month", "area"]
    assert people["schema"]["foreignKeys"] == [
        {"fields": ["area"], "reference": {"resource": "dim_area", "fields": ["area"]}}
    ]
    n = fields(tmp_path / "export", "people")["n"]
    assert n == {"name": "n", "type": "integer", "unit": "people", "description": "How many."}
    assert people["rows"] == 3
    parquet = tmp_path / "export" / people["parquet"]["path"]
    assert people["parquet"]["hash"] == f"sha256:{sha256_of(parquet)}"
    assert package["id"] == "20241001T000000Z-abc"
    assert package["created"] == "2024-10-01T23:30:00Z"
    assert [one["path"] for one in package["sources"]] == ["https://example.gov/series"]


def test_a_reference_to_a_table_that_is_not_exported_is_left_out(
    published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export", ["main.people"])
    [people] = package_of(tmp_path / "export")["resources"]
    assert "foreignKeys" not in people["schema"]
    assert sorted(path.name for path in (tmp_path / "export" / "data").iterdir()) == [
        "people.csv",
        "people.parquet",
    ]
    assert validate(str(tmp_path / "export" / "datapackage.json")).valid


def test_whoever_gets_the_folder_finds_dictionary_licence_and_citation(
    published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    with (tmp_path / "export" / "dictionary.csv").open(newline="") as file:
        rows = {(row["table"], row["column"]): row for row in csv.DictReader(file)}
    assert len(rows) == 1 + 10 + 2
    assert rows["people", "n"]["unit"] == "people"
    assert rows["people", "area"]["key"] == "2"
    assert rows["people", "ids"]["in_csv"] == "JSON"
    cited = yaml.safe_load((tmp_path / "export" / "CITATION.cff").read_text())
    assert cited["version"] == "20241001T000000Z-abc"
    assert cited["references"][0]["authors"] == [{"name": "The Agency"}]
    assert "Its series" in (tmp_path / "export" / "LICENSE.md").read_text()
    assert "A bad file" not in (tmp_path / "export" / "LICENSE.md").read_text()
    readme = (tmp_path / "export" / "README.md").read_text()
    assert "`people` (3 rows): One row per area and month." in readme


def test_an_earlier_export_is_replaced_as_a_whole(published: Path, tmp_path: Path) -> None:
    export(published, tmp_path / "export")
    export(published, tmp_path / "export", ["fewer"])
    found = sorted(path.name for path in (tmp_path / "export" / "data").iterdir())
    assert found == ["fewer.csv", "fewer.parquet"]
    assert not list(tmp_path.glob(".*")), "nothing is left beside it"


@pytest.mark.parametrize("stray", ["notes.txt", "data/people.xlsx"])
def test_a_folder_with_other_files_is_left_alone(
    stray: str, published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    (tmp_path / "export" / stray).write_text("mine")
    with pytest.raises(ConfigurationError, match=f"export: found {stray}, which no export has"):
        export(published, tmp_path / "export", ["fewer"])
    assert (tmp_path / "export" / stray).read_text() == "mine"
    assert (tmp_path / "export" / "data" / "people.csv").exists()


@pytest.mark.parametrize("stray", ["photos", ".git/refs", "data/mine", "empty"])
def test_a_folder_with_other_folders_or_links_is_left_alone(
    stray: str, published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    mine = tmp_path / "export" / stray
    if stray == "photos":
        mine.symlink_to(tmp_path)
    else:
        mine.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match=f"found {stray.split('/refs')[0]}, which no"):
        export(published, tmp_path / "export", ["fewer"])
    assert mine.exists()
    assert (tmp_path / "export" / "data" / "people.csv").exists()


@pytest.mark.parametrize("name", ["data", "README.md", "data/people.csv"])
def test_a_link_in_the_place_of_a_part_of_an_export_is_left_alone(
    name: str, published: Path, tmp_path: Path
) -> None:
    export(published, tmp_path / "export")
    part = tmp_path / "export" / name
    part.rename(tmp_path / "elsewhere")
    part.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match=f"found {name}, which no export has written"):
        export(published, tmp_path / "export", ["fewer"])
    assert part.is_symlink()


def test_what_lies_beside_the_folder_is_left_alone(published: Path, tmp_path: Path) -> None:
    for name in (".export.old", ".export.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.txt").write_text("mine")
    export(published, tmp_path / "export")
    export(published, tmp_path / "export")
    assert sorted(tmp_path.glob(".*/*")) == [
        tmp_path / ".export.old" / "notes.txt",
        tmp_path / ".export.part" / "notes.txt",
    ]


@pytest.mark.parametrize("refused", [OSError("no"), KeyboardInterrupt()])
def test_an_export_that_cannot_take_its_place_leaves_the_earlier_one(
    refused: BaseException, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(published, tmp_path / "export", ["fewer"])
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise refused
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(type(refused)):
        export(published, tmp_path / "export")
    left = exported_tables(tmp_path / "export")
    assert left is not None
    assert set(left.tables) == {"fewer"}
    assert not list(tmp_path.glob(".*"))


def test_an_earlier_export_that_cannot_be_put_back_is_kept(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the two renames, which the next export does not touch either."""
    export(published, tmp_path / "export", ["fewer"])
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "export":
            return rename(path, target)
        raise OSError("no")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", refuse)
        with pytest.raises(OSError, match="no"):
            export(published, tmp_path / "export")
    [kept] = tmp_path.glob(".export-*")
    assert not (tmp_path / "export").exists()
    export(published, tmp_path / "export")
    left = exported_tables(kept / "old")
    assert left is not None
    assert set(left.tables) == {"fewer"}


def test_a_file_that_comes_while_the_tables_are_written_is_left_alone(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(published, tmp_path / "export", ["fewer"])

    def write_meanwhile(*given: Any) -> TableFiles:
        (tmp_path / "export" / "notes.txt").write_text("mine")
        return write_files(*given)

    monkeypatch.setattr(exporting, "write_files", write_meanwhile)
    with pytest.raises(ConfigurationError, match=r"found notes\.txt, which no export"):
        export(published, tmp_path / "export")
    assert (tmp_path / "export" / "notes.txt").read_text() == "mine"


def test_another_export_beside_it_can_be_written_meanwhile(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_two(*given: Any) -> TableFiles:
        monkeypatch.setattr(exporting, "write_files", write_files)
        export(published, tmp_path / "other", ["fewer"])
        return write_files(*given)

    monkeypatch.setattr(exporting, "write_files", write_two)
    export(published, tmp_path / "export", ["people"])
    assert (tmp_path / "other" / "data" / "fewer.csv").exists()
    assert (tmp_path / "export" / "data" / "people.csv").exists()


def test_a_folder_that_cannot_be_replaced_is_refused(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"/: found a mount point, .* a folder inside it"):
        export(published, Path("/"))
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ConfigurationError, match="loop: found a link that leads nowhere"):
        export(published, tmp_path / "loop")
    monkeypatch.setattr("os.path.ismount", lambda path: Path(path) == tmp_path / "usb")
    (tmp_path / "usb").mkdir()
    with pytest.raises(ConfigurationError, match="usb: found a mount point"):
        export(published, tmp_path / "usb")
    assert not list((tmp_path / "usb").iterdir())


@pytest.mark.parametrize(
    "resources", ["", ', "resources": "text"', ', "resources": [{"name": 1}], "id": "x"']
)
def test_a_data_package_of_our_name_with_other_parts_is_left_alone(
    resources: str, published: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    package = tmp_path / "mine" / "datapackage.json"
    package.write_text(f'{{"name": "borderledger"{resources}}}')
    assert exported_tables(tmp_path / "mine") is None
    with pytest.raises(ConfigurationError, match=r"found datapackage\.json, which no export"):
        export(published, tmp_path / "mine")
    assert package.exists()


def test_a_folder_without_an_export_is_left_alone(published: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "datapackage.json").write_text('{"name": "another", "resources": []}')
    with pytest.raises(ConfigurationError, match=r"found datapackage\.json, which no export"):
        export(published, tmp_path / "mine")
    with pytest.raises(ConfigurationError, match="found a file, expected a folder"):
        export(published, published)


def test_an_empty_folder_takes_an_export(published: Path, tmp_path: Path) -> None:
    (tmp_path / "export").mkdir()
    assert set(export(published, tmp_path / "export").tables) == {"dim_area", "fewer", "people"}


def test_an_unknown_table_is_named_with_those_that_are_like_it(
    published: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"found table 'peple', .* such as people"):
        export(published, tmp_path / "export", ["peple"])
    assert not (tmp_path / "export").exists()


def test_an_export_that_fails_leaves_the_earlier_one(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(published, tmp_path / "export", ["fewer"])

    def full(*_: object) -> None:
        raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(exporting, "write_files", full)
    with pytest.raises(WriteError, match="No space left on device; make room"):
        export(published, tmp_path / "export")
    left = exported_tables(tmp_path / "export")
    assert left is not None
    assert set(left.tables) == {"fewer"}
    assert not list(tmp_path.glob(".*"))


def test_a_reader_of_exports_finds_none_where_there_is_none(
    published: Path, tmp_path: Path
) -> None:
    assert exported_tables(tmp_path) is None
    written = export(published, tmp_path / "export")
    assert exported_tables(tmp_path / "export") == written
    people = written.tables["people"]
    assert people.csv.stat().st_size == people.csv_bytes
    assert people.rows == 3


def test_a_file_without_keys_is_exported_in_the_order_of_its_columns(
    published: Path, tmp_path: Path
) -> None:
    """Of a build from before the published file named them."""
    with duckdb.connect(str(published)) as connection:
        connection.execute("drop table meta.columns")
    export(published, tmp_path / "export", ["people"])
    [people] = package_of(tmp_path / "export")["resources"]
    assert "primaryKey" not in people["schema"]
    with (tmp_path / "export" / "data" / "people.csv").open(newline="") as file:
        months = [(row["area"], row["month"]) for row in csv.DictReader(file)]
    assert months == sorted(months)
