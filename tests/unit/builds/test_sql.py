"""Names, texts and paths in SQL are taken as they are."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.builds.sql import file_literal, identifier, literal

ODD = """a'b "c" ; -- %s"""


def test_a_quoted_name_and_text_are_taken_as_they_are() -> None:
    with duckdb.connect() as connection:
        asked = connection.execute(f"select {literal(ODD)} as {identifier(ODD)}")
        assert asked.fetchall() == [(ODD,)]
        assert [column[0] for column in asked.description] == [ODD]


@pytest.mark.parametrize("name", ["o?d", "o*d", "o[x]d", "o'd", 'o"d', "100%20", "~", "a b"])
def test_a_path_is_no_pattern(name: str, tmp_path: Path) -> None:
    for folder in (name, "oxd"):  # which the first three would match as well, or instead
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "rows.parquet"
        pl.DataFrame({"folder": [folder]}).write_parquet(path)
    path = tmp_path / name / "rows.parquet"
    assert duckdb.execute(f"from read_parquet({file_literal(path)})").fetchall() == [(name,)]
