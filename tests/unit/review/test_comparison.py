"""Comparisons: what a release may change in the months of releases before it, and what holds it.

The figures are those of CBP's files; `test_comparison_of_workbooks` has workbooks and rounded
figures."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    Made,
    citizenships,
    made,
)
from tests.support.reviews import (
    BEFORE,
    FIRST,
    NEXT,
    ROWS_PER_MONTH,
    File,
    counted,
    figure,
    hold_reason,
    month_total,
    moved,
    moved_cells,
    only_held,
    review_after_first,
    review_files,
    row_of,
    second,
    verdicts,
)


class TestAClosedYear:
    """In CBP's files, no total of a closed fiscal year's month may change."""

    @pytest.mark.parametrize("by", [1, -1])
    @pytest.mark.parametrize(("year", "month"), [(2023, "OCT"), (2024, "MAR"), (2024, "SEP")])
    def test_that_moved_by_one_person_is_held(
        self, tmp_path: Path, year: int, month: str, by: int
    ) -> None:
        reviewed = review_after_first(tmp_path, moved(NEXT, year, month, by, number=2))
        assert verdicts(reviewed) == ["accepted", "held"]
        before = month_total(BEFORE, year, month)
        period = {"OCT": "2022-10", "MAR": "2024-03", "SEP": "2024-09"}[month]
        [first, _] = reviewed.releases
        assert hold_reason(reviewed) == (
            f"{period}, closed fiscal year: found {before + by:,} in total, expected {before:,} as "
            f"in release {first.release_id}, within 0 %; moved by {by:+}"
        )
        cell = figure(BEFORE, row_of(BEFORE, year, month, 2))
        labels = (
            "component: U.S. Border Patrol; demographic: Single Adults; citizenship: mexico; "
            "title_of_authority: Title 8; encounter_type: Apprehensions"
        )
        assert moved_cells(reviewed) == [(f"{period}-01", labels, cell, cell + by, by)]
        assert reviewed.moved["release_id"].to_list() == [only_held(reviewed).release_id]
        assert reviewed.moved["against_release_id"].to_list() == [first.release_id]

    @pytest.mark.parametrize(("law", "verdict"), [("Title 42", "accepted"), ("Title 8", "held")])
    def test_may_be_relabelled_as_the_catalogue_declares(
        self, tmp_path: Path, law: str, verdict: str
    ) -> None:
        """CBP moved Border Patrol's Title 42 rows of FY2022 from apprehensions to expulsions."""
        before, after = counted("2021-10", "2022-11"), counted("2021-10", "2022-12")
        years = after.column("fiscal_year")

        def under(release: Made) -> Made:
            return release.with_cells("title_of_authority", lambda *_: law)

        relabelled = after.with_cells(
            "encounter_type",
            lambda i, text: (
                "Expulsions" if text == "Apprehensions" and years[i] == "2022" else text
            ),
        )
        files = File("2022-12", under(before).bytes()), second(under(relabelled), "2023-01")
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", verdict]
        if verdict == "held":
            assert "categories_stay" in only_held(reviewed).checks
            assert ", closed fiscal year: found 2," in hold_reason(reviewed)

    def test_may_not_move_a_person_between_cells_of_a_month(self, tmp_path: Path) -> None:
        exchanged = moved(moved(NEXT, 2023, "MAY", 1, number=0), 2023, "MAY", -1, number=3)
        reviewed = review_after_first(tmp_path, exchanged)
        assert only_held(reviewed).checks == ("categories_stay",)
        assert hold_reason(reviewed).startswith(
            "2023-05, closed fiscal year: found 1 people in another category than in release "
        )
        assert reviewed.moved["difference"].to_list() == [1, -1]

    def test_may_not_split_a_cell_in_two(self, tmp_path: Path) -> None:
        """One row more than before, and the same total of the month."""
        row = row_of(NEXT, 2023, "MAY")
        fewer = moved(NEXT, 2023, "MAY", -400)
        other = fewer.with_cell(row, "citizenship", "Cuba").with_cell(row, "encounters", "400")
        rows = (*fewer.rows[: row + 1], other.rows[row], *fewer.rows[row + 1 :])
        reviewed = review_after_first(tmp_path, Made(NEXT.columns, NEXT.header, rows))
        assert "found 400 people in another category" in hold_reason(reviewed)

    def test_may_not_move_people_between_months(self, tmp_path: Path) -> None:
        exchanged = moved(moved(NEXT, 2023, "MAY", 5), 2023, "JUN", -5)
        reviewed = review_after_first(tmp_path, exchanged)
        assert "2023-05, closed" in hold_reason(reviewed)
        assert "2023-06, closed" in hold_reason(reviewed)

    def test_reports_the_largest_changes_and_counts_the_others(self, tmp_path: Path) -> None:
        changed = NEXT
        for i, month in enumerate(["OCT", "NOV", "DEC", "JAN", "FEB"], start=1):
            changed = moved(changed, 2023, month, 10 * i)
        reviewed = review_after_first(tmp_path, changed)
        reason = hold_reason(reviewed)
        assert [reason.find(f"moved by +{n}") for n in (50, 40, 30)] == sorted(
            reason.find(f"moved by +{n}") for n in (50, 40, 30)
        )
        assert "+20" not in reason
        assert reason.endswith("; and 2 more totals")
        assert reviewed.moved["difference"].to_list() == [50, 40, 30, 20, 10]

    def test_is_closed_once_a_release_has_its_september(self, tmp_path: Path) -> None:
        september, august = counted(last="2024-09"), counted(last="2024-08")
        october = moved(counted(last="2024-10"), 2024, "JUL", 1)
        files = [File("2024-09", august.bytes()), File("2024-11", october.bytes())]
        assert verdicts(review_files(tmp_path / "open", *files)) == ["accepted", "accepted"]
        files = [File("2024-10", september.bytes()), File("2024-11", october.bytes())]
        assert verdicts(review_files(tmp_path / "closed", *files)) == ["accepted", "held"]

    def test_may_gain_and_lose_cells_without_people(self, tmp_path: Path) -> None:
        row = row_of(BEFORE, 2023, "OCT", 1)  # of the first month: no label is missed in it
        empty = BEFORE.with_cell(row, "encounters", "0")
        missing = Made(NEXT.columns, NEXT.header, (*NEXT.rows[:row], *NEXT.rows[row + 1 :]))
        empty_again = NEXT.with_cell(row, "encounters", "0")
        files = [
            File("2024-12", empty.bytes()),
            second(missing),
            File("2025-02", empty_again.bytes()),
        ]
        assert verdicts(review_files(tmp_path, *files)) == ["accepted"] * 3


class TestTheOpenYear:
    """A total of one of its months may change by one percent, and a cell by one percent of the
    total."""

    @pytest.mark.parametrize("sign", [1, -1])
    def test_may_move_a_month_by_one_percent(self, tmp_path: Path, sign: int) -> None:
        most = sign * (month_total(BEFORE, 2025, "NOV") // 100)
        assert (
            verdicts(review_after_first(tmp_path / "a", moved(NEXT, 2025, "NOV", most)))
            == ["accepted"] * 2
        )
        reviewed = review_after_first(tmp_path / "b", moved(NEXT, 2025, "NOV", most + sign))
        before = month_total(BEFORE, 2025, "NOV")
        assert hold_reason(reviewed) == (
            f"2024-11: found {before + most + sign:,} in total, expected {before:,} as in release "
            f"{reviewed.releases[0].release_id}, within 1 %; moved by {most + sign:+}"
        )

    def test_may_move_every_month_a_little(self, tmp_path: Path) -> None:
        slightly = moved(moved(NEXT, 2025, "NOV", 30, number=1), 2025, "OCT", -30, number=2)
        assert verdicts(review_after_first(tmp_path, slightly)) == ["accepted", "accepted"]

    def test_is_held_if_a_cell_moved_too_far_although_the_total_did_not(
        self, tmp_path: Path
    ) -> None:
        shifted = moved(moved(NEXT, 2025, "NOV", 300, number=1), 2025, "NOV", -290, number=2)
        reviewed = review_after_first(tmp_path, shifted)
        total = f"{month_total(BEFORE, 2025, 'NOV'):,}"
        assert hold_reason(reviewed) == (
            "2024-11: found 290 people in another category than in release "
            f"{reviewed.releases[0].release_id}, expected at most 1 % of {total}; "
            f"2024-11: found a cell moved by +300, expected at most 1 % of the total of {total}; "
            f"2024-11: found a cell moved by -290, expected at most 1 % of the total of {total}"
        )
        assert reviewed.moved["difference"].to_list() == [300, -290]

    def test_may_grow_by_new_months(self, tmp_path: Path) -> None:
        reviewed = review_files(tmp_path, FIRST, second(counted(last="2025-03"), "2025-04"))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.releases[1].last_month == date(2025, 3, 1)

    def test_may_omit_earlier_years(self, tmp_path: Path) -> None:
        reviewed = review_after_first(tmp_path, counted(first="2023-10", last="2024-12"))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_is_compared_even_in_a_month_with_a_single_person(self, tmp_path: Path) -> None:
        """April 2020, when the borders were closed, may be as small as it is."""
        april, may = counted("2020-03", "2020-04"), counted("2020-03", "2020-05")

        def few(release: Made) -> Made:
            first = row_of(release, 2020, "APR")
            rows = range(first, first + ROWS_PER_MONTH)
            return release.with_cells(
                "encounters", lambda i, text: str(int(i == first)) if i in rows else text
            )

        files = File("2020-05", few(april).bytes()), second(few(may), "2020-06")
        assert verdicts(review_files(tmp_path / "same", *files)) == ["accepted", "accepted"]
        reviewed = review_files(tmp_path / "other", files[0], second(may, "2020-06"))
        assert "2020-04: found 4," in hold_reason(reviewed)
        assert "expected 1 as in release" in hold_reason(reviewed)


class TestWithdrawnRows:
    """Rows of the months that both cover, which the new release no longer has."""

    @pytest.fixture(scope="class")
    def wide(self) -> Made:
        """80 rows per month from October 2023 to January 2025; the last four months are open."""
        return made(first="2023-10", last="2025-01", people=citizenships(40)).with_cells(
            "encounters", lambda i, _: str(20 + i * 7_919 % 101)
        )

    def lacking(self, wide: Made, rows: int) -> Made:
        """The release without the first rows of November 2024."""
        first = row_of(wide, 2025, "NOV")
        kept = (row for i, row in enumerate(wide.rows) if not first <= i < first + rows)
        return Made(wide.columns, wide.header, tuple(kept))

    def test_may_be_few_if_they_count_few_people(self, tmp_path: Path, wide: Made) -> None:
        small = wide.with_cell(row_of(wide, 2025, "NOV"), "encounters", "1")
        files = File("2025-02", small.bytes()), File("2025-03", self.lacking(small, 1).bytes())
        assert verdicts(review_files(tmp_path, *files)) == ["accepted", "accepted"]

    def test_of_an_open_month_hold_the_release(self, tmp_path: Path, wide: Made) -> None:
        files = File("2025-02", wide.bytes()), File("2025-03", self.lacking(wide, 20).bytes())
        reviewed = review_files(tmp_path, *files)
        reason = hold_reason(reviewed)
        assert "2024-11: found " in reason
        assert "found 20 of the 1,280 cells of the months that both cover missing" in reason
        assert reason.endswith("expected at most 1 %")
        assert len(reviewed.moved) == 20
        assert reviewed.moved["figure_after"].null_count() == 20

    def test_of_a_closed_month_hold_the_release_even_if_only_one(self, tmp_path: Path) -> None:
        row = row_of(NEXT, 2024, "APR", 3)
        short = Made(NEXT.columns, NEXT.header, (*NEXT.rows[:row], *NEXT.rows[row + 1 :]))
        reviewed = review_after_first(tmp_path, short)
        assert "2024-04: found 3 rows, expected 4, as before" in hold_reason(reviewed)
        people = figure(NEXT, row)
        assert moved_cells(reviewed)[0][2:] == (people, None, -people)

    def test_of_a_closed_month_are_found_because_its_envelope_is_exact(
        self, tmp_path: Path
    ) -> None:
        reviewed = review_after_first(tmp_path, NEXT)
        envelope = reviewed.envelopes.filter(
            release_id=reviewed.releases[1].release_id, month="2024-04-01"
        )
        assert envelope.select("rows", "at_least", "at_most", "is_exact").rows() == [
            (4, 4, 4, True)
        ]


class TestAWholeComponentOrRegion:
    """One that is missing from a release holds it, and the reason names it."""

    def test_holds_the_release(self, tmp_path: Path) -> None:
        one = NEXT.keeping(lambda row: row["component"] != BORDER_PATROL)
        reviewed = review_after_first(tmp_path, one)
        assert hold_reason(reviewed).startswith(
            "column 'Component': found no row for U.S. Border Patrol, expected some, as in release "
            f"{reviewed.releases[0].release_id}; "
        )
        assert "found 52 of the 104 cells" in hold_reason(reviewed)

    @pytest.mark.parametrize("dataset", [BY_AREA, BY_STATE])
    def test_holds_a_release_of_another_cut(self, tmp_path: Path, dataset: str) -> None:
        before, later = counted(dataset=dataset), counted(last="2024-12", dataset=dataset)
        one = later.keeping(lambda row: row["land_border_region"] == "Southwest Land Border")
        reviewed = review_files(
            tmp_path,
            File("2024-12", before.bytes(), dataset),
            File("2025-01", one.bytes(), dataset),
        )
        assert "column 'Land Border Region': found no row for " in hold_reason(reviewed)

    def test_holds_a_release_of_new_months_only(self, tmp_path: Path) -> None:
        """The check on the number of rows would accept half of them."""
        december = counted("2024-12", "2024-12")
        one = december.keeping(lambda row: row["component"] != BORDER_PATROL)
        assert verdicts(review_after_first(tmp_path / "both", december)) == ["accepted", "accepted"]
        reviewed = review_after_first(tmp_path / "one", one)
        assert "found no row for U.S. Border Patrol" in hold_reason(reviewed)


def small(release: Made) -> Made:
    """The release with so few people in each cell that none of them is missed."""
    return release.with_cells("encounters", lambda i, _: str(5 + i % 7))


def with_one_large_cell(release: Made) -> Made:
    """The release with nearly all people in the cell of the first citizenship, so that the others
    may come and go."""
    names = release.column("citizenship")
    return release.with_cells(
        "encounters", lambda i, _: str(200 + i * 31 % 47 if names[i] == "COUNTRY 000" else 1)
    )


class TestLabelsOfANewMonth:
    """A label that each of the three months before had, with at least 100 people and 0.5 percent
    of the month, must be in a new month: else its file may have been cut off."""

    def without(self, release: Made, number: int) -> Made:
        """NEXT without one of the four cells of December, or a release without that of May."""
        row = row_of(release, 2025, "DEC", number)
        return Made(
            release.columns, release.header, (*release.rows[:row], *release.rows[row + 1 :])
        )

    @pytest.mark.parametrize("number", range(ROWS_PER_MONTH))
    def test_may_not_be_missing(self, tmp_path: Path, number: int) -> None:
        reviewed = review_after_first(tmp_path, self.without(NEXT, number))
        assert only_held(reviewed).checks[0] == "labels_remain"
        assert hold_reason(reviewed).startswith("2024-12: found nobody for ")

    def test_may_not_be_missing_from_the_first_release(self, tmp_path: Path) -> None:
        files = [File("2025-01", self.without(NEXT, 3).bytes())]
        assert verdicts(review_files(tmp_path, *files)) == ["held"]

    def test_may_be_missing_if_there_were_few_people(self, tmp_path: Path) -> None:
        few = small(NEXT)
        files = [File("2025-01", self.without(few, 3).bytes())]
        assert verdicts(review_files(tmp_path, *files)) == ["accepted"]

    def test_may_be_missing_once_the_label_has_ended(self, tmp_path: Path) -> None:
        """Title 42 ended in May 2023."""
        release = counted("2022-10", "2024-12")
        years, months = release.column("fiscal_year"), release.column("month_name")
        late = ("JUN", "JUL", "AUG", "SEP")
        ended = release.with_cells(
            "title_of_authority",
            lambda i, _: (
                "Title 42" if years[i] == "2023" and months[i] not in late and i % 2 else "Title 8"
            ),
        )
        assert verdicts(review_files(tmp_path, File("2025-01", ended.bytes()))) == ["accepted"]


class TestTheRowsOfANewMonth:
    """Their number must be between half the fewest and twice the most rows of the twelve months
    before."""

    @pytest.fixture(scope="class")
    def before(self) -> Made:
        """40 rows per month from October 2023 to November 2024."""
        return with_one_large_cell(made(last="2024-11", first="2023-10", people=citizenships(20)))

    def december(self, rows: int) -> Made:
        release = made(first="2024-12", last="2024-12", people=citizenships(60))
        at_ports, between_ports = release.rows[:60], release.rows[60:]
        in_order = (between_ports[0], *at_ports, *between_ports[1:])
        return with_one_large_cell(Made(release.columns, release.header, in_order[:rows]))

    @pytest.mark.parametrize(
        ("rows", "verdict"), [(19, "held"), (20, "accepted"), (80, "accepted"), (81, "held")]
    )
    def test_have_bounds(self, tmp_path: Path, before: Made, rows: int, verdict: str) -> None:
        files = File("2024-12", before.bytes()), second(self.december(rows))
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", verdict]
        assert reviewed.envelopes.select(
            "month", "rows", "at_least", "at_most", "is_exact"
        ).rows() == [("2024-12-01", rows, 20, 80, False)]
        if verdict == "held":
            assert hold_reason(reviewed) == (
                f"2024-12: found {rows} rows, expected 20 to 80, going by the months before"
            )

    def test_are_learned_from_the_last_twelve_months_only(self, tmp_path: Path) -> None:
        many = made(first="2022-10", last="2023-09", people=citizenships(20))
        few = made(first="2023-10", last="2024-09", people=citizenships(10))
        files = [
            File("2023-10", with_one_large_cell(many).bytes()),
            File("2024-10", with_one_large_cell(few).bytes()),
            second(self.december(60)),
        ]
        reviewed = review_files(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", "accepted", "held"]
        assert hold_reason(reviewed) == (
            "2024-12: found 60 rows, expected 10 to 40, going by the months before"
        )


@pytest.mark.parametrize(("last", "verdict"), [("2024-09", "accepted"), ("2023-09", "held")])
def test_only_the_last_fiscal_year_is_published_again(
    tmp_path: Path, last: str, verdict: str
) -> None:
    """Final figures of a year come within the next one; an older file is in the wrong folder."""
    reviewed = review_after_first(tmp_path, counted("2022-10", last))
    assert verdicts(reviewed) == ["accepted", verdict]
