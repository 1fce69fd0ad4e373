"""The URL by which Great Expectations opens a build's file."""

from pathlib import Path

import duckdb
import pytest
import sqlalchemy
from sqlalchemy.exc import DBAPIError

from orchestration.gates.dialect import register, url_of


@pytest.mark.parametrize("name", ["plain", "o[d]d", "100%20", "a#b&c=d", "$HOME", "it's", "São"])
def test_it_opens_the_file_read_only_whatever_its_path(name: str, tmp_path: Path) -> None:
    database = tmp_path / name / "border.duckdb"
    database.parent.mkdir()
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table found as select 42 as answer")
    register()
    url = url_of(database)
    assert "$" not in url  # Great Expectations puts a variable in its place
    with sqlalchemy.create_engine(url).connect() as opened:
        assert opened.exec_driver_sql("select answer from found").scalar() == 42
        with pytest.raises(DBAPIError, match="read-only"):
            opened.exec_driver_sql("create table other as select 1")
    assert [path.name for path in tmp_path.iterdir()] == [name]
