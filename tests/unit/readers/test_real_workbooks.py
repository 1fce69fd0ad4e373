"""OHSS's and ICE's own files, where they are at hand: known figures come out of them."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease
from tests.support.parsing import read
from tests.support.workbooks import DETENTION, KEY_METRICS, MONTHLY_TABLES

WEB_TABLE = "ohss_monthly_web_table"
TEN_MONTHS = pl.col("month_start").is_between(pl.lit("2023-10-01"), pl.lit("2024-07-01"))
ACTS = {
    "removal": 283_320,
    "enforcement_return": 314_140,
    "administrative_return": 77_430,
    "total": 674_890,
}


def read_from(real_releases: Path, dataset: str, published: str) -> ParsedRelease:
    """The one file of a landing folder."""
    [path] = (real_releases / dataset / published).iterdir()
    return read(path.read_bytes(), dataset, published)


def total(figures: pl.Series) -> int:
    return int(figures.cast(pl.Int64).sum())


class TestMonthlyTables:
    """OHSS's tables to July 2024."""

    @pytest.fixture(scope="class")
    def parsed(self, real_releases: Path) -> ParsedRelease:
        return read_from(real_releases, MONTHLY_TABLES, "2024-11-08")

    @pytest.fixture(scope="class")
    def by_type(self, parsed: ParsedRelease) -> pl.DataFrame:
        return parsed.rows.filter(pl.col("table_name") == "repatriations_by_type")

    @pytest.mark.parametrize(("series", "people"), ACTS.items())
    def test_the_acts_of_ten_months_come_out(
        self, by_type: pl.DataFrame, series: str, people: int
    ) -> None:
        months = by_type.filter(TEN_MONTHS & (pl.col("series") == series))
        assert len(months) == 10
        assert total(months["figure"]) == people

    def test_every_row_can_be_typed(self, parsed: ParsedRelease) -> None:
        assert parsed.rows["problem"].null_count() == len(parsed.rows) == 104_374

    def test_every_table_is_listed_in_the_catalogue(self, parsed: ParsedRelease) -> None:
        listed = {table.name for table in load_catalogue()[MONTHLY_TABLES].tables}
        tables = parsed.rows.select("sheet", "table_name").unique()
        assert set(tables["table_name"]) == listed
        assert len(tables) == len(listed) == 34
        assert [note for note in parsed.notes if note.startswith("sheet ")] == [
            "sheet 'TOC': no table by fiscal year and month"
        ]

    def test_rows_that_are_folded_away_are_read(self, by_type: pl.DataFrame) -> None:
        """October 2013 to July 2024; Excel shows the months of 2023 and 2024 only."""
        months = by_type.filter(pl.col("series") == "removal")["month_start"].drop_nulls()
        assert months.n_unique() == len(months) == 130
        assert (months.min(), months.max()) == ("2013-10-01", "2024-07-01")

    def test_every_needed_series_has_all_its_months(self, parsed: ParsedRelease) -> None:
        needed = [
            (table.name, name)
            for table in load_catalogue()[MONTHLY_TABLES].tables
            for name in table.needs
        ]
        months = parsed.rows.filter(pl.col("month_start") == "2024-07-01")
        found = months.filter(pl.col("series") != "").select("table_name", "series").rows()
        assert set(needed) <= set(found)
        assert len(found) == len(set(found))


class TestDetentionStatistics:
    """ICE's removals of three fiscal years."""

    @pytest.mark.parametrize(
        ("published", "year", "people", "through"),
        [
            ("2023-10", "2023", "142580", "2023-09-30"),
            ("2024-12", "2024", "271484", "2024-09-30"),
            ("2026-02-02", "2026", "144378", "2026-01-25"),
        ],
    )
    def test_the_removals_of_a_fiscal_year_come_out(
        self, real_releases: Path, published: str, year: str, people: str, through: str
    ) -> None:
        rows = read_from(real_releases, DETENTION, published).rows
        assert rows["problem"].null_count() == len(rows)
        assert set(rows["table_name"]) == {t.name for t in load_catalogue()[DETENTION].tables}
        removals = rows.filter((pl.col("table_name") == "removals") & (pl.col("label") == "Total"))
        names = ("fiscal_year", "row_label", "figure", "updated_through")
        assert removals.select(names).row(0) == (year, "Total", people, through)


class TestKeyMetrics:
    """OHSS's lists from October 1999 to November 2024."""

    @pytest.fixture(scope="class")
    def parsed(self, real_releases: Path) -> ParsedRelease:
        return read_from(real_releases, KEY_METRICS, "2024-12")

    def test_every_list_is_known_and_every_row_can_be_typed(self, parsed: ParsedRelease) -> None:
        tables = {table.name for table in load_catalogue()[KEY_METRICS].tables}
        assert set(parsed.rows["table_name"]) == tables
        assert parsed.rows["problem"].null_count() == len(parsed.rows) == 48_815
        assert parsed.notes == ()

    def test_the_encounters_of_a_month_at_the_southwest_border_come_out(
        self, parsed: ParsedRelease
    ) -> None:
        rows = parsed.rows.filter(
            (pl.col("table_name") == "monthly_by_region")
            & (pl.col("region") == "Southwest Land Border")
            & (pl.col("month_start") == "2024-11-01")
        )
        assert rows["quantity"].to_list() == ["46610"]

    @pytest.mark.parametrize("table", ["monthly_by_sector", "monthly_by_region_and_sector"])
    def test_san_diego_sector_has_every_month(self, parsed: ParsedRelease, table: str) -> None:
        rows = parsed.rows.filter(
            (pl.col("table_name") == table) & (pl.col("sector") == "San Diego, CA")
        )
        months = [f"{1999 + (9 + n) // 12}-{(9 + n) % 12 + 1:02}-01" for n in range(302)]
        assert rows["month_start"].sort().to_list() == months
        assert (months[0], months[-1]) == ("1999-10-01", "2024-11-01")


class TestTheWebTable:
    """OHSS's figures behind its charts, of the same months as the tables."""

    @pytest.fixture(scope="class")
    def parsed(self, real_releases: Path) -> ParsedRelease:
        return read_from(real_releases, WEB_TABLE, "2024-11")

    def test_every_row_can_be_typed(self, parsed: ParsedRelease) -> None:
        assert parsed.rows["problem"].null_count() == len(parsed.rows)
        assert parsed.rows["month_start"].drop_nulls().n_unique() == 130

    def test_the_removals_of_ten_months_are_those_of_the_tables(
        self, parsed: ParsedRelease
    ) -> None:
        months = parsed.rows.filter(TEN_MONTHS)
        assert len(months) == 10
        assert total(months["repatriations_removals"]) == ACTS["removal"]
