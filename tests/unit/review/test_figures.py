"""Figures: another layout or spelling of a file leaves its figures as they are."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.cbp_files import (
    Made,
)
from tests.support.reviews import (
    FIRST,
    NEXT,
    File,
    hold_reason,
    moved,
    review_after_first,
    review_files,
    verdicts,
)

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
    """Another layout or spelling of the same figures does not count as a revision."""

    @pytest.mark.parametrize("habit", HABITS)
    def test_changes_no_figure(self, tmp_path: Path, habit: str) -> None:
        reviewed = review_files(tmp_path, FIRST, File("2025-01", HABITS[habit](NEXT)))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert reviewed.moved.is_empty()

    @pytest.mark.parametrize("habit", ["counts", "renamed", "unfinished", "headers"])
    def test_hides_no_revision(self, tmp_path: Path, habit: str) -> None:
        changed = HABITS[habit](moved(NEXT, 2024, "MAR", 1))
        reviewed = review_files(tmp_path, FIRST, File("2025-01", changed))
        assert "2024-03, closed fiscal year" in hold_reason(reviewed)
        assert reviewed.moved["difference"].to_list() == [1]

    def test_may_not_change_the_name_of_a_citizenship(self, tmp_path: Path) -> None:
        """The vocabulary lists no citizenships, so that only a person can tell a new name from
        another country."""
        renamed = NEXT.with_cells("citizenship", lambda _, text: text.replace("El ", "EL-"))
        assert "people in another category" in hold_reason(review_after_first(tmp_path, renamed))
