"""The checks of one file: which rows and files are refused, and with which reason."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    FIELD_OPERATIONS,
    Made,
    citizenships,
    made,
)
from tests.support.custody_pages import CUSTODY
from tests.support.intake_outcomes import refusal, take


class TestRowsThatCannotBeTyped:
    """At most 0.5 % of the rows may be rejected."""

    @pytest.fixture(scope="class")
    def wide(self) -> Made:
        """400 rows: two may be rejected, three may not."""
        return made(first="2023-12", last="2024-09", people=citizenships(20))

    @pytest.mark.parametrize("count", ["X", "", "-5", "12.5", "1 234", "60,78"])
    def test_a_few_are_rejected_with_their_reason_and_counted(
        self, settings: Settings, wide: Made, count: str
    ) -> None:
        holed = wide.with_cell(7, "encounters", count).with_cell(300, "encounters", count)
        outcome = take(settings, holed.bytes(), name="a.csv")
        assert outcome.kind == "archived"
        assert outcome.release is not None
        assert (outcome.release.rows, outcome.release.untyped_rows) == (398, 2)
        rows = pl.read_parquet(Archive(settings.archive).rows_path(outcome.release))
        rejected = rows.filter(pl.col("problem").is_not_null())
        assert rejected["row_number"].to_list() == [9, 302]
        assert rejected["encounters"].to_list() == [count, count]
        assert (
            rejected["problem"].to_list()
            == [f"column 'Encounter Count': found '{count}', expected a whole number, zero or more"]
            * 2
        )

    def test_more_refuse_the_release(self, settings: Settings, wide: Made) -> None:
        holed = wide.with_cells("encounters", lambda i, text: "X" if i in (5, 50, 200) else text)
        assert refusal(settings, holed.bytes(), name="a.csv") == (
            "line 7: column 'Encounter Count': found 'X', expected a whole number, zero or more; "
            "3 of 400 rows cannot be typed, expected at most 0.5%"
        )

    def test_all_of_them_refuse_the_release(self, settings: Settings, wide: Made) -> None:
        holed = wide.with_cells("encounters", lambda *_: "n/a")
        assert "400 of 400 rows cannot be typed" in refusal(settings, holed.bytes(), name="a.csv")

    def test_the_only_row_of_a_month_leaves_a_gap(self, settings: Settings) -> None:
        wide = made(first="2023-12", last="2024-09", people=citizenships(40))
        single = wide.keeping(
            lambda row: row["month_name"] != "MAY" or row["citizenship"] == "COUNTRY 000"
        )
        at = [i for i, row in enumerate(single.rows) if "MAY" in row and BORDER_PATROL in row]
        holed = single.with_cell(at[0], "encounters", "X")
        assert refusal(settings, holed.bytes(), name="a.csv") == (
            "found no row for 2024-05 for U.S. Border Patrol, expected every month from 2023-12 "
            "to 2024-09"
        )


def without(**labels: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: any(row[name] != label for name, label in labels.items())


GAPS = [
    (
        without(month_name="MAY", fiscal_year="2023"),
        "found no row for 2023-05, expected every month from 2022-10 to 2024-11",
    ),
    (
        without(month_name="MAY", fiscal_year="2023", component=BORDER_PATROL),
        "found no row for 2023-05 for U.S. Border Patrol, expected every month from 2022-10 to "
        "2024-11",
    ),
    (
        without(month_name="NOV", fiscal_year="2025 (FYTD)", component=FIELD_OPERATIONS),
        "found no row for 2024-11 for Office of Field Operations, expected every month from "
        "2022-10 to 2024-11",
    ),
    (
        without(month_name="OCT", fiscal_year="2023", component=FIELD_OPERATIONS),
        "found no row for 2022-10 for Office of Field Operations, expected every month from "
        "2022-10 to 2024-11",
    ),
]


class TestAFileThatIsNotWhatItClaimsToBe:
    """It is refused as a whole, with a reason that says what is wrong and where."""

    @pytest.mark.parametrize(("wanted", "reason"), GAPS)
    def test_a_month_that_is_missing_is_named(
        self,
        settings: Settings,
        good: Made,
        wanted: Callable[[dict[str, str]], bool],
        reason: str,
    ) -> None:
        assert refusal(settings, good.keeping(wanted).bytes()) == reason

    def test_a_region_that_is_missing_in_a_month_is_named(self, settings: Settings) -> None:
        holed = made(BY_STATE).keeping(
            without(month_name="MAY", fiscal_year="2023", land_border_region="Northern Land Border")
        )
        reason = take(settings, holed.bytes(), name="a.csv", dataset=BY_STATE).reason
        assert reason == (
            "a.csv: found no row for 2023-05 for Northern Land Border, expected every month from "
            "2022-10 to 2024-11"
        )

    @pytest.mark.parametrize(
        ("column", "text", "shown"),
        [
            ("encounters", "99", "single adults"),
            ("citizenship", "MEXICO ", "mexico"),
            ("component", "OFO", "Office of Field Operations"),
            ("month_name", "october", "2022-10-01"),
            ("fiscal_year", "FY2023 (FYTD)", "2022-10-01"),
            ("month_grouping", "Remaining", "2022-10-01"),
        ],
    )
    def test_a_cell_that_occurs_twice_is_named_however_it_is_spelled(
        self, settings: Settings, good: Made, column: str, text: str, shown: str
    ) -> None:
        doubled = Made(good.columns, good.header, (*good.rows, good.rows[0]))
        reason = refusal(settings, doubled.with_cell(len(good.rows), column, text).bytes())
        assert reason.startswith("lines 2 and 106: found the same cell twice (2022-10-01, ")
        assert reason.endswith("expected each once; 2 rows are affected")
        assert shown.lower() in reason.lower()

    def test_a_demographic_under_its_old_and_new_name_occurs_twice(
        self, settings: Settings, good: Made
    ) -> None:
        doubled = Made(good.columns, good.header, (*good.rows, good.rows[1]))
        reason = refusal(settings, doubled.with_cell(len(good.rows), "demographic", "UAC").bytes())
        assert reason.startswith("lines 3 and 106: found the same cell twice (")

    @pytest.mark.parametrize(
        ("cells", "line", "wrong", "rows"),
        [
            ({4: "SDC"}, 6, "'SDC', which is 'San Diego Sector', in a row of 'Miami Field", 1),
            ({2: "miami", 6: "MIAMI"}, 4, "'miami', which is 'Miami Field Office', in a row", 2),
        ],
    )
    def test_an_abbreviation_of_another_area_is_named(
        self, settings: Settings, cells: dict[int, str], line: int, wrong: str, rows: int
    ) -> None:
        by_area = made(BY_AREA).with_cells("area_abbreviation", lambda i, old: cells.get(i, old))
        name = "nationwide-encounters-fy23-fy25-nov-aor.csv"
        outcome = take(settings, by_area.bytes(), name=name, dataset=BY_AREA)
        assert outcome.kind == "refused"
        assert f"{name}: line {line}: column 'AOR (Abbv)': found {wrong}" in str(outcome.reason)
        assert f"expected its own abbreviation; {rows} rows are affected" in str(outcome.reason)

    def test_an_abbreviation_in_another_spelling_is_the_areas_own(self, settings: Settings) -> None:
        by_area = made(BY_AREA).with_cells("area_abbreviation", lambda _, text: text.lower())
        name = "nationwide-encounters-fy23-fy25-nov-aor.csv"
        outcome = take(settings, by_area.bytes(), name=name, dataset=BY_AREA)
        assert outcome.kind == "archived"

    @pytest.mark.parametrize("published", ["2024-10", "2024-10-31", "2022-12"])
    def test_figures_later_than_the_publication_are_named(
        self, settings: Settings, good: Made, published: str
    ) -> None:
        assert refusal(settings, good.bytes(), published) == (
            f"found figures for 2024-11, expected none after the publication in {published}"
        )

    def test_a_month_that_had_not_ended_is_named(self, settings: Settings, good: Made) -> None:
        assert refusal(settings, good.bytes(), "2024-11-29") == (
            "found figures for 2024-11, which had not ended at the publication on 2024-11-29, "
            "expected none of it, as U.S. Customs and Border Protection counts whole months"
        )
        assert take(settings, good.bytes(), "2024-11-30").kind == "archived"

    def test_a_publication_in_the_future_is_named(self, settings: Settings, good: Made) -> None:
        tomorrow = datetime.now(UTC).date() + timedelta(days=2)
        reason = refusal(settings, good.bytes(), tomorrow.isoformat())
        assert reason.startswith(f"found the publication date {tomorrow}, expected one not after ")

    def test_a_publication_this_month_is_not_in_the_future(
        self, settings: Settings, good: Made
    ) -> None:
        month = f"{datetime.now(UTC):%Y-%m}"
        assert take(settings, good.bytes(), month).kind == "archived"

    @pytest.mark.parametrize(
        ("name", "promised"),
        [
            ("sbo-encounters-fy23-fy25-oct.csv", "month 10 of FY2025"),
            ("sbo-encounters-fy23-fy25-dec.csv", "month 12 of FY2025"),
            ("sbo-encounters-fy22-fy24-nov.csv", "month 11 of FY2024"),
            ("sbo-encounters-fy21-fy24.csv", "FY2024"),
        ],
    )
    def test_a_name_that_promises_another_month_is_refused(
        self, settings: Settings, good: Made, name: str, promised: str
    ) -> None:
        assert refusal(settings, good.bytes(), name=name) == (
            f"found 2024-11 (FY2025) as the last month, expected {promised}, which the file's "
            "name promises"
        )

    @pytest.mark.parametrize("people", [0, 48])
    def test_a_month_with_a_capacity_and_nobody_in_custody_is_refused(
        self, settings: Settings, people: int
    ) -> None:
        """The capacity is there for a month to come as well."""
        rows = [
            f"2026,{month},OFO,OFO southwest border in custody,{label},{figure},v,2025-11,,"
            "https://example.org,"
            for month, custody in (("2025-10", 42), ("2025-11", people))
            for label, figure in (("In custody", custody), ("In Custody Capacity", 902))
        ]
        header = (
            "fiscal_year,month,component,table,row_label,figure,vintage,data_through,retrieved_on,"
            "source_url,note"
        )
        name = "cbp_custody_and_transfer_statistics_published_2025-12.csv"
        outcome = take(settings, "\n".join([header, *rows, ""]).encode(), "2025-12", name, CUSTODY)
        assert outcome.kind == ("archived" if people else "refused")
        assert people or "found nobody counted in 2025-11" in str(outcome.reason)
