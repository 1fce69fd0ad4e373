"""Transcribed statements: each a number that someone stated on some day."""

from datetime import date

import pytest

from tests.support.parsing import as_csv, read, refusal

STATEMENTS = "official_statements"
STREET_RELEASES = "san_diego_street_releases"
FIRST = ["published_on", "metric", "period", "value", "qualifier", "speaker", "source_url", "note"]
STATED = ["2024-12-19", "removals", "FY2024", "271,484", "exact", "ICE", "https://example.org", ""]
COUNTED = [
    "as_of_date",
    "count_type",
    "value",
    "qualifier",
    "period_start",
    "who_said",
    "publisher",
    "url",
    "text_note",
]
ADDED = ["stated_on", "period_end", "measure", "grade"]
RELEASED = [
    *("2024-02-20", "cumulative", "300", "exact", "", "A. Supervisor", "A Paper"),
    *("https://example.org", "at a stop"),
]


class TestStatements:
    """Statements on removals and on street releases."""

    def test_a_statement_is_kept_as_published(self) -> None:
        parsed = read(as_csv(FIRST, STATED), STATEMENTS)
        assert parsed.rows.select(FIRST).rows() == [tuple(STATED)]
        assert parsed.rows.select("unit", "problem", "month_start").rows() == [("", None, None)]
        assert parsed.span == (date(2024, 12, 1), date(2024, 12, 1))

    def test_a_statement_has_a_unit_that_is_listed(self) -> None:
        parsed = read(as_csv([*FIRST, "unit"], [*STATED, "percent fewer"]), STATEMENTS)
        assert parsed.rows.select("unit", "problem").rows() == [("percent fewer", None)]
        reason = refusal(as_csv([*FIRST, "unit"], [*STATED, "families"]), STATEMENTS)
        assert reason.startswith("line 2: column 'unit': found 'families', expected one of ")

    def test_the_span_goes_from_the_first_statement_to_the_last(self) -> None:
        parsed = read(as_csv(FIRST, STATED, ["2019-06-05", *STATED[1:]]), STATEMENTS)
        assert parsed.span == (date(2019, 6, 1), date(2024, 12, 1))

    @pytest.mark.parametrize(
        ("published", "stated"),
        [("2024-12", "2025-01-01"), ("2024-12-18", "2024-12-19"), ("2024-12-18", "2025-01")],
    )
    def test_a_statement_later_than_its_folder_is_refused(
        self, published: str, stated: str
    ) -> None:
        content = as_csv(FIRST, ["2019-06-05", *STATED[1:]], [stated, *STATED[1:]])
        assert refusal(content, STATEMENTS, published) == (
            f"line 3: column 'published_on': found {stated!r}, expected none after {published}, as "
            "its folder says"
        )

    @pytest.mark.parametrize("value", ["about 5", "", "-3", "5 to 9"])
    def test_a_value_that_is_not_a_number_is_a_problem(self, value: str) -> None:
        parsed = read(as_csv(FIRST, [*STATED[:3], value, *STATED[4:]]), STATEMENTS)
        assert parsed.rows["problem"][0].startswith(f"column 'value': found {value!r}, expected ")
        assert parsed.span is None

    @pytest.mark.parametrize("day", ["2024-02-31", "2024-11-00", "2023-02-29"])
    @pytest.mark.parametrize("dataset", [STATEMENTS, STREET_RELEASES])
    def test_a_day_that_is_not_in_the_calendar_is_a_problem(self, dataset: str, day: str) -> None:
        content = {
            STATEMENTS: as_csv(FIRST, [day, *STATED[1:]]),
            STREET_RELEASES: as_csv(COUNTED, [day, *RELEASED[1:]]),
        }[dataset]
        [problem] = read(content, dataset).rows["problem"]
        assert f"found {day!r}" in problem

    def test_a_file_without_the_optional_columns_is_read_with_empty_cells(self) -> None:
        parsed = read(as_csv(COUNTED, RELEASED), STREET_RELEASES)
        assert parsed.rows.select(COUNTED).rows() == [tuple(RELEASED)]
        assert parsed.rows.select(ADDED).rows() == [("", "", "", "")]
        assert parsed.rows["problem"].to_list() == [None]
        assert parsed.span == (date(2024, 2, 1), date(2024, 2, 1))

    def test_a_file_with_the_optional_columns_keeps_them(self) -> None:
        added = ["2024-03-01", "2024-02-19", "street releases", "press"]
        parsed = read(as_csv(COUNTED + ADDED, RELEASED + added), STREET_RELEASES)
        assert parsed.rows.select(ADDED).rows() == [tuple(added)]
        assert parsed.span == (date(2024, 2, 1), date(2024, 3, 1))

    @pytest.mark.parametrize("column", COUNTED)
    def test_a_file_without_another_column_is_refused(self, column: str) -> None:
        at = COUNTED.index(column)
        content = as_csv([*COUNTED[:at], *COUNTED[at + 1 :]], [*RELEASED[:at], *RELEASED[at + 1 :]])
        assert refusal(content, STREET_RELEASES).startswith(
            f"line 1: found no column {column!r}; expected the columns "
        )

    @pytest.mark.parametrize(
        ("column", "reason"),
        [("as_of_date", "2025-01-02"), ("stated_on", "2025-01-02")],
    )
    def test_every_column_of_days_is_checked_against_the_folder(
        self, column: str, reason: str
    ) -> None:
        cells = dict(zip(COUNTED + ADDED, [*RELEASED, "", "", "", ""], strict=True)) | {
            column: reason
        }
        assert refusal(as_csv(list(cells), list(cells.values())), STREET_RELEASES) == (
            f"line 2: column {column!r}: found {reason!r}, expected none after 2024-12, as its "
            "folder says"
        )

    @pytest.mark.parametrize(("column", "label"), [("measure", "departures"), ("grade", "rumour")])
    def test_an_unknown_label_is_refused(self, column: str, label: str) -> None:
        cells = dict(zip(COUNTED, RELEASED, strict=True)) | {column: label}
        reason = refusal(as_csv(list(cells), list(cells.values())), STREET_RELEASES)
        assert reason.startswith(f"line 2: column {column!r}: found {label!r}, expected one of ")
