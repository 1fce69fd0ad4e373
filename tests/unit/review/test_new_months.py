"""New months: what they must have in common with the months before them.

The releases have eight cells a month, which differ widely and move a little from month to month.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.catalogue.events import load_events
from orchestration.review.review import Review
from tests.support.cbp_files import BORDER_PATROL, Made, made
from tests.support.reviews import File, hold_reason, only_held, review_files, verdicts

PEOPLE = (
    {"demographic": "Single Adults", "citizenship": "Mexico"},
    {"demographic": "FMUA", "citizenship": "Honduras"},
    {"demographic": "Single Adults", "citizenship": "Guatemala"},
    {"demographic": "UC / Single Minors", "citizenship": "El Salvador"},
)
SIZES = (3_000, 1_500, 700, 200, 40_000, 18_000, 9_000, 4_000)  # of the cells of a month
NEWEST = ("2025 (FYTD)", "DEC")


def release(first: str = "2022-10", last: str = "2024-12") -> Made:
    """A release whose months are like one another."""
    return made(first=first, last=last, people=PEOPLE).with_cells(
        "encounters", lambda i, _: str(round(SIZES[i % 8] * (1 + i * 7_919 % 101 / 1_000)))
    )


def month(made_release: Made, time: tuple[str, str] = NEWEST) -> list[int]:
    """The rows of a month."""
    times = zip(made_release.column("fiscal_year"), made_release.column("month_name"), strict=True)
    return [i for i, found in enumerate(times) if found == time]


def times(factor: float, wanted: Callable[[dict[str, str]], bool] = lambda _: True) -> Made:
    """The release with so many times the people in some cells of the newest month."""
    sound = release()
    rows = {i for i in month(sound) if wanted(dict(zip(sound.columns, sound.rows[i], strict=True)))}
    return sound.with_cells(
        "encounters", lambda i, text: str(round(int(text) * factor)) if i in rows else text
    )


def counts_from(other: tuple[str, str]) -> Made:
    """The release with the counts of another month in the newest."""
    sound = release()
    counts = sound.column("encounters")
    moved = dict(zip(month(sound), (counts[i] for i in month(sound, other)), strict=True))
    return sound.with_cells("encounters", lambda i, text: moved.get(i, text))


def reviewed_alone(home: Path, changed: Made, published: str = "2025-01") -> Review:
    """The review of a first release."""
    return review_files(home, File(published, changed.bytes()))


def test_that_are_like_the_months_before_are_accepted(tmp_path: Path) -> None:
    assert verdicts(reviewed_alone(tmp_path, release())) == ["accepted"]


class TestTheTotal:
    @pytest.mark.parametrize("factor", [1.8, 0.45])
    def test_may_be_some_times_as_large_or_as_small(self, tmp_path: Path, factor: float) -> None:
        assert verdicts(reviewed_alone(tmp_path, times(factor))) == ["accepted"]

    @pytest.mark.parametrize("factor", [4, 0.2])
    def test_may_not_leap_or_collapse(self, tmp_path: Path, factor: float) -> None:
        reviewed = reviewed_alone(tmp_path, times(factor))
        assert "totals_do_not_leap" in only_held(reviewed).checks
        assert "within 2.5 times of the" in hold_reason(reviewed)

    def test_may_be_any_in_the_month_of_a_known_event(self, tmp_path: Path) -> None:
        assert "2025-01" in load_events()
        sound = release(last="2025-01")
        rows = month(sound, ("2025 (FYTD)", "JAN"))
        few = sound.with_cells(
            "encounters", lambda i, text: str(int(text) // 20) if i in rows else text
        )
        assert verdicts(reviewed_alone(tmp_path, few, "2025-02")) == ["accepted"]


class TestALabel:
    @pytest.mark.parametrize("factor", [0.02, 0.0, 40])
    def test_may_not_leap_or_fall_to_a_small_part(self, tmp_path: Path, factor: float) -> None:
        changed = times(factor, lambda row: row["citizenship"] == "El Salvador")
        reviewed = reviewed_alone(tmp_path, changed)
        assert "labels_are_steady" in only_held(reviewed).checks
        assert "going by the three months before" in hold_reason(reviewed)

    def test_may_move_as_far_as_it_has_moved_before(self, tmp_path: Path) -> None:
        """El Salvador's children at ports, of whom there were 200 or 6,000, may be 200 again."""
        sound = release()
        many = {i for i in range(len(sound.rows)) if i % 8 == 3 and sound.rows[i][:1] == ("2024",)}

        def leaping(factor: int) -> Made:
            return sound.with_cells(
                "encounters", lambda i, text: str(int(text) * factor) if i in many else text
            )

        assert verdicts(reviewed_alone(tmp_path, leaping(3))) == ["accepted"]
        assert verdicts(reviewed_alone(tmp_path / "far", leaping(40))) == ["held"]

    def test_may_not_come_back_after_its_end(self, tmp_path: Path) -> None:
        sound = release()
        changed = sound.with_cell(month(sound)[6], "title_of_authority", "Title 42")
        reviewed = reviewed_alone(tmp_path, changed)
        assert "labels_have_not_ended" in only_held(reviewed).checks
        assert "of 'Title 42', expected nobody, as it ended with 2023-05" in hold_reason(reviewed)


class TestTheDivisionAmongLabels:
    def test_may_not_be_that_of_rows_shifted(self, tmp_path: Path) -> None:
        sound = release()
        rows, counts = month(sound), sound.column("encounters")
        moved = dict(zip(rows, [counts[i] for i in (*rows[1:], rows[0])], strict=True))
        shifted = sound.with_cells("encounters", lambda i, text: moved.get(i, text))
        reviewed = reviewed_alone(tmp_path, shifted)
        assert "shares_stay" in only_held(reviewed).checks
        assert "of the people in other" in hold_reason(reviewed)

    def test_may_not_change_by_one_cell_with_much_of_the_month(self, tmp_path: Path) -> None:
        changed = times(
            5,
            lambda row: row["component"] == BORDER_PATROL and row["citizenship"] == "El Salvador",
        )
        assert "within 8 % of the month" in hold_reason(reviewed_alone(tmp_path, changed))


class TestTheFigures:
    @pytest.mark.parametrize(
        ("other", "named"), [(("2025 (FYTD)", "NOV"), "2024-11"), (("2024", "DEC"), "2023-12")]
    )
    def test_may_not_be_those_of_another_month(
        self, tmp_path: Path, other: tuple[str, str], named: str
    ) -> None:
        reviewed = reviewed_alone(tmp_path, counts_from(other))
        assert only_held(reviewed).checks == ("months_differ",)
        assert hold_reason(reviewed) == (
            f"2024-12: found the figures of {named} in 8 of 8 cells, expected others"
        )

    def test_may_not_be_the_year_to_date(self, tmp_path: Path) -> None:
        sound = release()
        counts = [int(text) for text in sound.column("encounters")]
        year = [month(sound, ("2025 (FYTD)", name)) for name in ("OCT", "NOV", "DEC")]
        sums = {rows[2]: str(sum(counts[i] for i in rows)) for rows in zip(*year, strict=True)}
        summed = sound.with_cells("encounters", lambda i, text: sums.get(i, text))
        reason = hold_reason(reviewed_alone(tmp_path, summed))
        assert "2024-12: found 8 of 8 cells at or above the sum of the fiscal year's" in reason

    def test_may_not_be_one_in_every_row(self, tmp_path: Path) -> None:
        sound = release()
        rows = set(month(sound))
        same = sound.with_cells("encounters", lambda i, text: "700" if i in rows else text)
        assert "2024-12: found 700 in each of 8 rows" in hold_reason(reviewed_alone(tmp_path, same))

    def test_of_a_year_may_not_be_rounded(self, tmp_path: Path) -> None:
        sound = release()
        years = sound.column("fiscal_year")
        rounded = sound.with_cells(
            "encounters",
            lambda i, text: str(round(int(text), -2)) if years[i] == "2024" else text,
        )
        reviewed = reviewed_alone(tmp_path, rounded)
        assert "figures_are_exact" in only_held(reviewed).checks
        assert "FY2024: found multiples of 100 in " in hold_reason(reviewed)

    @pytest.mark.parametrize("unit", [10, 100])
    def test_of_a_month_may_not_be_rounded(self, tmp_path: Path, unit: int) -> None:
        sound = release()
        rows = set(month(sound))
        rounded = sound.with_cells(
            "encounters",
            lambda i, text: str(round(int(text) / unit) * unit) if i in rows else text,
        )
        reviewed = reviewed_alone(tmp_path, rounded)
        assert only_held(reviewed).checks == ("figures_are_exact",)
        assert f"2024-12: found multiples of {unit} in " in hold_reason(reviewed)


def test_a_first_release_without_a_month_has_nothing_to_compare(tmp_path: Path) -> None:
    one = release("2024-12", "2024-12")
    assert verdicts(reviewed_alone(tmp_path, one)) == ["accepted"]
