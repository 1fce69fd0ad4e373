"""Holds: which releases stand beside the one before them, and which wait for a person."""

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import release_id_of
from orchestration.review.comparison import compare
from orchestration.review.figures import figures_of
from orchestration.review.review import Review, review
from orchestration.settings import BUNDLED, Settings
from orchestration.sources.candidate import Candidate
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    SOUTHWEST,
    Made,
    citizenships,
    made,
)
from tests.support.reviews import (
    ROWS_A_MONTH,
    File,
    archive_of,
    cells,
    counted,
    figure,
    hold_reason,
    judged,
    month_total,
    moved,
    row_of,
    the_held,
    verdicts,
)

BEFORE = counted(last="2024-11")  # FY2023 and FY2024 are told to their end, FY2025 is open
NEXT = counted(last="2024-12")

FIRST = File("2024-12", BEFORE.bytes())


def second(release: Made, published: str = "2025-01") -> File:
    return File(published, release.bytes())


def after(home: Path, release: Made) -> Review:
    """What is judged of a release that follows `FIRST`."""
    return judged(home, FIRST, second(release))


class TestAClosedYear:
    """Of CBP's files no month of a closed fiscal year may move at all."""

    @pytest.mark.parametrize("by", [1, -1])
    @pytest.mark.parametrize(("year", "month"), [(2023, "OCT"), (2024, "MAR"), (2024, "SEP")])
    def test_that_moved_by_one_person_is_held(
        self, tmp_path: Path, year: int, month: str, by: int
    ) -> None:
        reviewed = after(tmp_path, moved(NEXT, year, month, by, number=2))
        assert verdicts(reviewed) == ["accepted", "held"]
        before = month_total(BEFORE, year, month)
        told = {"OCT": "2022-10", "MAR": "2024-03", "SEP": "2024-09"}[month]
        [first, _] = reviewed.releases
        assert hold_reason(reviewed) == (
            f"{told}, closed fiscal year: found {before + by:,} in total, expected {before:,} as "
            f"in release {first.release_id}, or at most 0 % off; moved by {by:+}"
        )
        cell = figure(BEFORE, row_of(BEFORE, year, month, 2))
        labels = (
            "component: U.S. Border Patrol; demographic: Single Adults; citizenship: mexico; "
            "title_of_authority: Title 8; encounter_type: Apprehensions"
        )
        assert cells(reviewed) == [(f"{told}-01", labels, cell, cell + by, by)]
        assert reviewed.moved["release_id"].to_list() == [the_held(reviewed).release_id]
        assert reviewed.moved["against_release_id"].to_list() == [first.release_id]

    def test_may_be_labelled_anew_while_its_totals_stay(self, tmp_path: Path) -> None:
        """As Border Patrol's Title 42 rows were Apprehensions once, and Expulsions since."""
        years = NEXT.column("fiscal_year")
        relabelled = NEXT.with_cells(
            "encounter_type",
            lambda i, text: (
                "Expulsions" if text == "Apprehensions" and years[i] == "2023" else text
            ),
        )
        reviewed = after(tmp_path, relabelled)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.moved.is_empty()

    def test_may_move_people_from_cell_to_cell_of_a_month(self, tmp_path: Path) -> None:
        exchanged = moved(moved(NEXT, 2023, "MAY", 500, number=0), 2023, "MAY", -500, number=3)
        assert verdicts(after(tmp_path, exchanged)) == ["accepted", "accepted"]

    def test_may_split_a_cell_in_two(self, tmp_path: Path) -> None:
        """A row more than before, and the month's total is what it was."""
        row = row_of(NEXT, 2023, "MAY")
        fewer = moved(NEXT, 2023, "MAY", -400)
        other = fewer.with_cell(row, "citizenship", "Cuba").with_cell(row, "encounters", "400")
        rows = (*fewer.rows[: row + 1], other.rows[row], *fewer.rows[row + 1 :])
        reviewed = after(tmp_path, Made(NEXT.columns, NEXT.header, rows))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_may_not_move_people_from_month_to_month(self, tmp_path: Path) -> None:
        exchanged = moved(moved(NEXT, 2023, "MAY", 5), 2023, "JUN", -5)
        reviewed = after(tmp_path, exchanged)
        assert "2023-05, closed" in hold_reason(reviewed)
        assert "2023-06, closed" in hold_reason(reviewed)

    def test_names_the_largest_movements_and_counts_the_others(self, tmp_path: Path) -> None:
        changed = NEXT
        for i, month in enumerate(["OCT", "NOV", "DEC", "JAN", "FEB"], start=1):
            changed = moved(changed, 2023, month, 10 * i)
        reviewed = after(tmp_path, changed)
        reason = hold_reason(reviewed)
        assert [reason.find(f"moved by +{n}") for n in (50, 40, 30)] == sorted(
            reason.find(f"moved by +{n}") for n in (50, 40, 30)
        )
        assert "+20" not in reason
        assert reason.endswith("; and 2 totals more")
        assert reviewed.moved["difference"].to_list() == [50, 40, 30, 20, 10]

    def test_is_closed_once_a_release_has_its_september(self, tmp_path: Path) -> None:
        september, august = counted(last="2024-09"), counted(last="2024-08")
        october = moved(counted(last="2024-10"), 2024, "JUL", 1)
        files = [File("2024-09", august.bytes()), File("2024-11", october.bytes())]
        assert verdicts(judged(tmp_path / "open", *files)) == ["accepted", "accepted"]
        files = [File("2024-10", september.bytes()), File("2024-11", october.bytes())]
        assert verdicts(judged(tmp_path / "closed", *files)) == ["accepted", "held"]

    def test_may_gain_and_lose_cells_without_people(self, tmp_path: Path) -> None:
        row = row_of(BEFORE, 2023, "MAY", 1)
        none = BEFORE.with_cell(row, "encounters", "0")
        gone = Made(NEXT.columns, NEXT.header, (*NEXT.rows[:row], *NEXT.rows[row + 1 :]))
        there = NEXT.with_cell(row, "encounters", "0")
        first, without, again = (
            File("2024-12", none.bytes()),
            second(gone),
            File("2025-02", there.bytes()),
        )
        assert verdicts(judged(tmp_path, first, without, again)) == ["accepted"] * 3


class TestTheOpenYear:
    """A month of it may move by one percent of its total, and a cell by as much."""

    @pytest.mark.parametrize("sign", [1, -1])
    def test_may_move_a_month_by_one_percent(self, tmp_path: Path, sign: int) -> None:
        most = sign * (month_total(BEFORE, 2025, "NOV") // 100)
        assert verdicts(after(tmp_path / "a", moved(NEXT, 2025, "NOV", most))) == ["accepted"] * 2
        reviewed = after(tmp_path / "b", moved(NEXT, 2025, "NOV", most + sign))
        before = month_total(BEFORE, 2025, "NOV")
        assert hold_reason(reviewed) == (
            f"2024-11: found {before + most + sign:,} in total, expected {before:,} as in release "
            f"{reviewed.releases[0].release_id}, or at most 1 % off; moved by {most + sign:+}"
        )

    def test_may_move_every_month_a_little(self, tmp_path: Path) -> None:
        little = moved(moved(NEXT, 2025, "NOV", 30, number=1), 2025, "OCT", -30, number=2)
        assert verdicts(after(tmp_path, little)) == ["accepted", "accepted"]

    def test_is_held_for_a_cell_that_moved_too_far_within_a_total_that_did_not(
        self, tmp_path: Path
    ) -> None:
        shifted = moved(moved(NEXT, 2025, "NOV", 300, number=1), 2025, "NOV", -290, number=2)
        reviewed = after(tmp_path, shifted)
        total = f"{month_total(BEFORE, 2025, 'NOV'):,}"
        assert hold_reason(reviewed) == (
            f"2024-11: found a cell moved by +300, expected at most 1 % of the month's {total}; "
            f"2024-11: found a cell moved by -290, expected at most 1 % of the month's {total}"
        )
        assert reviewed.moved["difference"].to_list() == [300, -290]

    def test_may_grow_by_new_months(self, tmp_path: Path) -> None:
        reviewed = judged(tmp_path, FIRST, second(counted(last="2025-03"), "2025-04"))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.releases[1].last_month == date(2025, 3, 1)

    def test_may_leave_earlier_years_out(self, tmp_path: Path) -> None:
        reviewed = after(tmp_path, counted(first="2023-10", last="2024-12"))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_that_has_a_month_with_next_to_nobody_is_compared_all_the_same(
        self, tmp_path: Path
    ) -> None:
        few = BEFORE.with_cells(
            "encounters",
            lambda i, text: str(int(i % 4 == 0)) if i >= len(BEFORE.rows) - ROWS_A_MONTH else text,
        )
        same = NEXT.with_cells(
            "encounters",
            lambda i, text: (
                str(int(i % 4 == 0))
                if row_of(NEXT, 2025, "NOV") <= i < row_of(NEXT, 2025, "DEC")
                else text
            ),
        )
        files = File("2024-12", few.bytes()), second(same)
        assert verdicts(judged(tmp_path / "same", *files)) == ["accepted", "accepted"]
        reviewed = judged(tmp_path / "other", files[0], second(NEXT))
        assert "2024-11: found 4," in hold_reason(reviewed)
        assert "expected 1 as in release" in hold_reason(reviewed)


HABITS: dict[str, Callable[[Made], bytes]] = {
    "line ends": lambda release: release.bytes("\n", last_end=False),
    "byte order mark": lambda release: b"\xef\xbb\xbf" + release.bytes(),
    "headers": lambda release: (
        release.with_header("citizenship", "Citizenship")
        .with_header("month_name", "Month abbv")
        .bytes()
    ),
    "order of columns": lambda release: release.in_order(reversed(release.columns)).bytes(),
    "order of rows": lambda release: Made(
        release.columns, release.header, release.rows[::-1]
    ).bytes(),
    "counts": lambda release: release.with_cells(
        "encounters", lambda _, text: f"{int(text):,}.0 "
    ).bytes(),
    "case": lambda release: release.with_cells("citizenship", lambda _, text: text.upper()).bytes(),
    "renamed": lambda release: release.with_cells(
        "demographic", lambda _, text: "UAC" if text.startswith("UC") else text
    ).bytes(),
    "renamed in one year": lambda release: release.with_cells(
        "demographic",
        lambda i, text: "UAC" if text.startswith("UC") and i > len(release.rows) // 2 else text,
    ).bytes(),
    "unfinished": lambda release: release.with_cells(
        "fiscal_year", lambda _, text: text.replace(" (FYTD)", "")
    ).bytes(),
    "unfinished otherwise": lambda release: release.with_cells(
        "fiscal_year", lambda _, text: f"FY{text}".replace("(FYTD)", "FYTD")
    ).bytes(),
    "comparable months": lambda release: release.with_cells(
        "month_grouping", lambda *_: "FYTD"
    ).bytes(),
}


class TestAHabitOfThePublisher:
    """Another layout or spelling of the same figures is no revision."""

    @pytest.mark.parametrize("habit", HABITS)
    def test_changes_no_figure(self, tmp_path: Path, habit: str) -> None:
        reviewed = judged(tmp_path, FIRST, File("2025-01", HABITS[habit](NEXT)))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.moved.is_empty()

    @pytest.mark.parametrize("habit", ["counts", "renamed", "unfinished", "headers"])
    def test_hides_no_revision(self, tmp_path: Path, habit: str) -> None:
        changed = HABITS[habit](moved(NEXT, 2024, "MAR", 1))
        reviewed = judged(tmp_path, FIRST, File("2025-01", changed))
        assert "2024-03, closed fiscal year" in hold_reason(reviewed)
        assert reviewed.moved["difference"].to_list() == [1]

    def test_may_change_the_name_of_a_citizenship(self, tmp_path: Path) -> None:
        """The vocabulary lists none, so that rows leave and come, and the total stays."""
        renamed = NEXT.with_cells("citizenship", lambda _, text: text.replace("El ", "EL-"))
        assert verdicts(after(tmp_path, renamed)) == ["accepted", "accepted"]


class TestWithdrawnRows:
    """What a release no longer has of the months that both cover."""

    @pytest.fixture(scope="class")
    def wide(self) -> Made:
        """80 rows a month from October 2023 to January 2025, four months of them open."""
        return made(first="2023-10", last="2025-01", people=citizenships(40)).with_cells(
            "encounters", lambda i, _: str(20 + i % 7)
        )

    def lacking(self, wide: Made, rows: int) -> Made:
        """Without the first rows of November 2024."""
        first = row_of(wide, 2025, "NOV")
        kept = (row for i, row in enumerate(wide.rows) if not first <= i < first + rows)
        return Made(wide.columns, wide.header, tuple(kept))

    def test_may_be_few_with_few_people_in_them(self, tmp_path: Path, wide: Made) -> None:
        small = wide.with_cell(row_of(wide, 2025, "NOV"), "encounters", "1")
        files = File("2025-02", small.bytes()), File("2025-03", self.lacking(small, 1).bytes())
        assert verdicts(judged(tmp_path, *files)) == ["accepted", "accepted"]

    def test_of_an_open_month_hold_the_release(self, tmp_path: Path, wide: Made) -> None:
        files = File("2025-02", wide.bytes()), File("2025-03", self.lacking(wide, 20).bytes())
        reviewed = judged(tmp_path, *files)
        reason = hold_reason(reviewed)
        assert "2024-11: found " in reason
        assert "it lacks 20 of the 1,280 cells of the months that both cover" in reason
        assert reason.endswith("expected at most 1 %")
        assert len(reviewed.moved) == 20
        assert reviewed.moved["figure_after"].null_count() == 20

    def test_of_a_closed_month_hold_the_release_for_one_row(self, tmp_path: Path) -> None:
        row = row_of(NEXT, 2024, "APR", 3)
        short = Made(NEXT.columns, NEXT.header, (*NEXT.rows[:row], *NEXT.rows[row + 1 :]))
        reviewed = after(tmp_path, short)
        assert "2024-04: found 3 rows, expected 4, as before" in hold_reason(reviewed)
        people = figure(NEXT, row)
        assert cells(reviewed)[0][2:] == (people, None, -people)

    def test_of_a_closed_month_are_told_by_the_envelope(self, tmp_path: Path) -> None:
        reviewed = after(tmp_path, NEXT)
        envelope = reviewed.envelopes.filter(
            release_id=reviewed.releases[1].release_id, month="2024-04-01"
        )
        assert envelope.select("rows", "at_least", "at_most", "is_exact").rows() == [
            (4, 4, 4, True)
        ]


class TestAWholeComponentOrRegion:
    """Gone from a release, it is named."""

    def test_holds_the_release(self, tmp_path: Path) -> None:
        one = NEXT.keeping(lambda row: row["component"] != BORDER_PATROL)
        reviewed = after(tmp_path, one)
        assert hold_reason(reviewed).startswith(
            "column 'Component': found no row for U.S. Border Patrol, expected some, as in release "
            f"{reviewed.releases[0].release_id}; "
        )
        assert "it lacks 52 of the 104 cells" in hold_reason(reviewed)

    @pytest.mark.parametrize("dataset", [BY_AREA, BY_STATE])
    def test_holds_a_release_of_another_cut(self, tmp_path: Path, dataset: str) -> None:
        before, later = counted(dataset=dataset), counted(last="2024-12", dataset=dataset)
        one = later.keeping(lambda row: row["land_border_region"] == "Southwest Land Border")
        reviewed = judged(
            tmp_path,
            File("2024-12", before.bytes(), dataset),
            File("2025-01", one.bytes(), dataset),
        )
        assert "column 'Land Border Region': found no row for " in hold_reason(reviewed)

    def test_holds_a_release_of_new_months_only(self, tmp_path: Path) -> None:
        """Half of the rows would be enough."""
        december = counted("2024-12", "2024-12")
        one = december.keeping(lambda row: row["component"] != BORDER_PATROL)
        assert verdicts(after(tmp_path / "both", december)) == ["accepted", "accepted"]
        reviewed = after(tmp_path / "one", one)
        assert "found no row for U.S. Border Patrol" in hold_reason(reviewed)


class TestTheRowsOfANewMonth:
    """About as many as the twelve months before had: half of the fewest, to twice as many
    as the most."""

    @pytest.fixture(scope="class")
    def before(self) -> Made:
        """40 rows a month from October 2023 to November 2024."""
        return made(last="2024-11", first="2023-10", people=citizenships(20))

    def december(self, rows: int) -> Made:
        release = made(first="2024-12", last="2024-12", people=citizenships(60))
        some = Made(release.columns, release.header, (*release.rows[: rows - 1], release.rows[-1]))
        return some.with_cells("encounters", lambda i, _: str(100 + i))

    @pytest.mark.parametrize(
        ("rows", "verdict"), [(19, "held"), (20, "accepted"), (80, "accepted"), (81, "held")]
    )
    def test_have_bounds(self, tmp_path: Path, before: Made, rows: int, verdict: str) -> None:
        files = File("2024-12", before.bytes()), second(self.december(rows))
        reviewed = judged(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", verdict]
        assert reviewed.envelopes.select(
            "month", "rows", "at_least", "at_most", "is_exact"
        ).rows() == [("2024-12-01", rows, 20, 80, False)]
        if verdict == "held":
            assert hold_reason(reviewed) == (
                f"2024-12: found {rows} rows, expected 20 to 80, as the months before had"
            )

    def test_are_learned_from_the_last_twelve_months_only(self, tmp_path: Path) -> None:
        many = made(first="2022-10", last="2023-09", people=citizenships(20))
        few = made(first="2023-10", last="2024-09", people=citizenships(10))
        files = [
            File("2023-10", many.bytes()),
            File("2024-10", few.bytes()),
            second(self.december(60)),
        ]
        reviewed = judged(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted", "accepted", "held"]
        assert hold_reason(reviewed) == (
            "2024-12: found 60 rows, expected 10 to 40, as the months before had"
        )


class TestWhatThereIsToCompareWith:
    """Only what stood before, of the same dataset and the same months."""

    @pytest.mark.parametrize("dataset", [SOUTHWEST, BY_AREA, BY_STATE])
    def test_is_nothing_for_a_first_release(self, tmp_path: Path, dataset: str) -> None:
        reviewed = judged(tmp_path, File("2024-12", made(dataset).bytes(), dataset))
        assert verdicts(reviewed) == ["accepted"]
        assert reviewed.envelopes.is_empty()

    def test_is_nothing_for_a_release_of_one_month_without_the_one_before(
        self, tmp_path: Path
    ) -> None:
        months = [f"2024-{number:02}" for number in range(1, 5)]
        files = [File(month, counted(month, month).bytes()) for month in months]
        reviewed = judged(tmp_path, *files)
        assert verdicts(reviewed) == ["accepted"] * 4
        again = moved(counted("2024-02", "2024-02"), 2024, "FEB", 100)
        reviewed = judged(tmp_path, *files, File("2024-05", again.bytes()))
        assert "2024-02: found " in hold_reason(reviewed)

    def test_is_no_other_dataset(self, tmp_path: Path) -> None:
        other = made(BY_STATE, first="2024-10", last="2024-11")
        reviewed = judged(tmp_path, FIRST, File("2025-02", other.bytes(), BY_STATE))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_is_no_refused_file(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        wrong = BEFORE.with_header("component", "Agency").bytes()
        path = tmp_path / "wrong.csv"
        path.write_bytes(wrong)
        intake = Intake(Settings(tmp_path, offline=True))
        published = PublicationDate.parse("2024-12-01")
        taken = intake.take(Candidate(path, SOUTHWEST, published, "wrong.csv", "by hand/wrong.csv"))
        assert taken.kind == "refused"
        assert verdicts(review(archive, corrections=[])) == ["refused", "accepted"]

    def test_is_no_release_that_is_held(self, tmp_path: Path) -> None:
        """Else the next one, which is right again, would be held too."""
        wrong = moved(NEXT, 2024, "MAR", 7)
        right = counted(last="2025-01")
        reviewed = judged(tmp_path, FIRST, second(wrong), second(right, "2025-02"))
        assert verdicts(reviewed) == ["accepted", "held", "accepted"]
        assert reviewed.moved["release_id"].unique().to_list() == [reviewed.releases[1].release_id]
        again = judged(
            tmp_path, FIRST, second(wrong), second(moved(right, 2024, "MAR", 7), "2025-03")
        )
        assert verdicts(again) == ["accepted", "held", "accepted", "held"]

    def test_is_each_month_of_the_newest_release_that_tells_it(self, tmp_path: Path) -> None:
        """A month that the release before left out is still compared with the one before that."""
        short = counted(first="2023-10", last="2024-12")
        long = moved(counted(last="2025-01"), 2023, "MAR", 1)
        reviewed = judged(tmp_path, FIRST, second(short), second(long, "2025-02"))
        assert verdicts(reviewed) == ["accepted", "accepted", "held"]
        assert "2023-03, closed fiscal year" in hold_reason(reviewed)
        assert reviewed.moved["against_release_id"].to_list() == [reviewed.releases[0].release_id]

    def test_may_be_shorter_and_older(self, tmp_path: Path) -> None:
        old = counted(first="2022-10", last="2022-12")
        reviewed = judged(tmp_path, FIRST, File("2023-01", old.bytes()))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_is_only_what_was_published_by_the_day(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST, second(moved(NEXT, 2024, "MAR", 1)))
        assert verdicts(review(archive, date(2025, 1, 31), [])) == ["accepted", "held"]
        assert verdicts(review(archive, date(2025, 1, 30), [])) == ["accepted"]
        assert review(archive, date(2024, 1, 1), []).releases == ()

    def test_is_read_once_until_the_archive_changes(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FIRST)
        assert review(archive) is review(archive)
        archive_of(tmp_path, second(moved(NEXT, 2024, "MAR", 1)))
        assert verdicts(review(archive)) == ["accepted", "held"]


class TestReleasesOfOneDay:
    """The longer one is newer; among files of one name the one that was posted again."""

    def test_are_ordered_by_the_months_that_they_tell(self, tmp_path: Path) -> None:
        longer = moved(NEXT, 2024, "MAR", 1)
        again = File("2024-12", BEFORE.bytes(), name="a_5.csv")
        for name, files in {
            "a": [again, second(longer, "2024-12")],
            "b": [second(longer, "2024-12"), again],
        }.items():
            reviewed = judged(tmp_path / name, *files)
            assert [r.last_month for r in reviewed.releases] == [
                date(2024, 11, 1),
                date(2024, 12, 1),
            ]
            assert verdicts(reviewed) == ["accepted", "held"]

    def test_are_ordered_by_their_posting(self, tmp_path: Path) -> None:
        changed = moved(BEFORE, 2024, "MAR", 1)
        files = [
            File("2024-12", changed.bytes(), name="sbo-encounters-fy23-fy25-nov_0.csv"),
            File("2024-12", BEFORE.bytes(), name="sbo-encounters-fy23-fy25-nov.csv"),
            File("2024-12", BEFORE.bytes("\n"), name="sbo-encounters-fy23-fy25-nov_10.csv"),
        ]
        expected = [("accepted", -1), ("held", 0), ("accepted", 10)]
        for i, order in enumerate(itertools.permutations(files)):
            reviewed = judged(tmp_path / str(i), *order)
            assert [(r.verdict, r.repost) for r in reviewed.releases] == expected

    def test_are_ordered_by_their_arrival_where_nothing_else_tells(self, tmp_path: Path) -> None:
        """A file that was replaced in its place is judged by the one that was there."""
        files = [
            File("2024-12", BEFORE.bytes()),
            File("2024-12", moved(BEFORE, 2024, "MAR", 1).bytes()),
        ]
        for name, order in {"a": files, "b": files[::-1]}.items():
            reviewed = judged(tmp_path / name, *order)
            last = release_id_of(order[1].content)[0]
            assert [release.release_id for release in reviewed.held()] == [last]


def told(reviewed: Review) -> tuple[list[dict[str, Any]], list[Any], list[Any]]:
    """All that a reviewed says, save when the releases came in."""
    releases = [r.model_dump(exclude={"retrieved_at"}) for r in reviewed.releases]
    return releases, reviewed.moved.rows(), reviewed.envelopes.rows()


class TestTheOrderOfArrival:
    """It changes nothing."""

    def test_of_releases_in_a_chain(self, tmp_path: Path) -> None:
        files = [
            File("2024-11", counted(last="2024-10").bytes()),
            FIRST,
            second(moved(NEXT, 2024, "MAR", 3)),
        ]
        judgements = [
            told(judged(tmp_path / str(i), *order))
            for i, order in enumerate(itertools.permutations(files))
        ]
        assert all(reviewed == judgements[0] for reviewed in judgements)
        assert [release["verdict"] for release in judgements[0][0]] == [
            *("accepted", "accepted", "held")
        ]

    def test_of_equal_movements(self, tmp_path: Path) -> None:
        """Cells that moved by the same number stand in one order, whatever the archive."""
        changed = NEXT.with_cells("encounters", lambda _, text: str(int(text) + 1))
        first = told(after(tmp_path / "0", changed))
        for i in range(1, 4):
            assert told(after(tmp_path / str(i), changed)) == first


class TestTheRealReleases:
    """The agencies' own files, where they are at hand, with those that are bundled."""

    @pytest.fixture(scope="class")
    def reviewed(self, real_archive: Archive) -> Review:
        return review(real_archive)

    def test_all_stand(self, reviewed: Review, real_releases: Path) -> None:
        files = [*BUNDLED.glob("*/*/*.*"), *real_releases.glob("*/*/*.*")]
        assert [
            (r.describe(), r.reason) for r in reviewed.releases if r.verdict != "accepted"
        ] == []
        assert len(reviewed.releases) == len(files)
        assert reviewed.moved.is_empty()

    def test_have_as_many_rows_as_they_may(self, reviewed: Review) -> None:
        within = pl.col("rows").is_between("at_least", "at_most")
        assert reviewed.envelopes.filter(~within).is_empty()
        exact = reviewed.envelopes.filter("is_exact")["dataset"].unique().to_list()
        assert {BY_AREA, BY_STATE} <= set(exact)

    def test_by_state_may_arrive_in_any_order(self, real_archive: Archive, tmp_path: Path) -> None:
        """What came in first is told by the records alone, so that no file is read again."""
        known = [
            (r, real_archive.bytes_of(r), real_archive.rows_path(r))
            for r in real_archive.accepted(BY_STATE)
        ]
        judgements = []
        for i, order in enumerate(itertools.permutations(known)):
            arrived = Archive(tmp_path / str(i))
            for minute, (release, content, rows) in enumerate(order):
                at = {"retrieved_at": datetime(2026, 11, 1, 0, minute, tzinfo=UTC)}
                arrived.store(release.model_copy(update=at), content, None)
                arrived.rows_path(release).symlink_to(rows)
            judgements.append(told(review(arrived, corrections=[])))
        assert len(judgements) == 6
        assert all(reviewed == judgements[0] for reviewed in judgements)

    def test_are_told_to_differ_once_a_figure_is_changed(
        self, real_archive: Archive, reviewed: Review
    ) -> None:
        """Every dataset that is compared: the same figures stand, a third of them does not."""
        for release in {r.dataset: r for r in reviewed.releases}.values():
            dataset = load_catalogue()[release.dataset]
            limits = dataset.revisions
            if limits is None:
                continue
            rows = pl.read_parquet(real_archive.rows_path(release))
            figures = figures_of(rows, release, dataset, limits)
            same = compare(figures, figures.reverse(), dataset, limits)
            assert (same.findings, len(same.moved)) == ((), 0), dataset.name
            third = figures.with_columns(pl.col("figure") // 3)
            other = compare(figures, third, dataset, limits)
            assert other.findings, dataset.name
            assert not other.moved.is_empty()
