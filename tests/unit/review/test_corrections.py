"""Corrections: known errors of the publishers, corrected beside what was published."""

import re
from datetime import date
from pathlib import Path

import pytest

from orchestration.catalogue.corrections import Correction
from orchestration.review.corrections import CorrectionError
from orchestration.review.decisions import decide
from orchestration.review.review import Review, review
from tests.support.corrections import ADULTS, FILES, RIGHT, ROW, WRONG, correction
from tests.support.reviews import (
    NEXT,
    ROWS_PER_MONTH,
    File,
    archive_of,
    counted,
    figure,
    moved,
    review_files,
    row_of,
    verdicts,
)
from tests.support.workbooks import MONTHLY_TABLES, REPATS, TABLES_NAME, monthly_tables


def corrected(home: Path, *corrections: Correction, files: tuple[File, ...] = FILES) -> Review:
    return review(archive_of(home, *files), corrections=corrections)


class TestACorrectedFigure:
    """`use` replaces the published figure."""

    def test_prevents_a_hold(self, tmp_path: Path) -> None:
        assert verdicts(review_files(tmp_path / "without", *FILES)) == ["accepted", "held"]
        reviewed = corrected(tmp_path / "with", correction())
        assert verdicts(reviewed) == ["accepted", "accepted"]
        [applied] = reviewed.applied
        assert (applied.release_id, applied.rows) == (reviewed.releases[1].release_id, 1)
        assert applied.texts["component"] == ("U.S. Border Patrol",)

    def test_is_what_later_releases_are_compared_with(self, tmp_path: Path) -> None:
        right = File("2025-02", counted(last="2025-01").bytes())
        ended = correction(until=date(2025, 2, 1))
        reviewed = corrected(tmp_path, ended, files=(*FILES, right))
        assert verdicts(reviewed) == ["accepted"] * 3
        assert len(reviewed.applied) == 1

    def test_can_itself_be_beyond_the_limits(self, tmp_path: Path) -> None:
        reviewed = corrected(tmp_path, correction(use=RIGHT + 1))
        assert verdicts(reviewed) == ["accepted", "held"]
        assert reviewed.moved["difference"].to_list() == [1]

    def test_may_be_in_a_first_and_only_release(self, tmp_path: Path) -> None:
        reviewed = corrected(tmp_path, correction(), files=FILES[1:])
        assert verdicts(reviewed) == ["accepted"]
        assert len(reviewed.applied) == 1

    def test_may_be_named_by_fiscal_year_and_month_name(self, tmp_path: Path) -> None:
        cells = ADULTS | {"fiscal_year": "2024", "month_name": "March"}
        del cells["month"]
        reviewed = corrected(tmp_path, correction(cells=cells))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    @pytest.mark.parametrize("text", ["{:,}", "{}.0", "{}.00 ", " {:,} "])
    def test_is_found_however_it_is_written(self, tmp_path: Path, text: str) -> None:
        written = WRONG.with_cell(ROW, "encounters", text.format(RIGHT + 9000))
        files = FILES[0], File("2025-01", written.bytes())
        assert verdicts(corrected(tmp_path, correction(), files=files)) == ["accepted"] * 2

    def test_goes_into_one_row_only(self, tmp_path: Path) -> None:
        cells = {"month": "2024-03", "component": "USBP"}
        total = RIGHT + 9000 + figure(NEXT, ROW + 1)
        with pytest.raises(CorrectionError, match=r"found 2 rows for .* expected one row to set"):
            corrected(tmp_path, correction(cells=cells, expects=total))


class TestRowsThatAreLeftOut:
    """`leave_out` takes out every matching row; `expects` is their sum."""

    def test_are_summed_over_every_spelling(self, tmp_path: Path) -> None:
        """A release with both names of a category in one month, and two rows of them too many."""
        first = row_of(NEXT, 2024, "MAR")
        extra = [
            NEXT.with_cell(first + 1, "citizenship", "Mexico").rows[first + 1],
            NEXT.with_cell(first + 1, "demographic", "UAC")
            .with_cell(first + 1, "citizenship", "Mexico ")
            .with_cell(first + 1, "component", "USBP")
            .with_cell(first + 1, "encounter_type", "Apprehensions")
            .rows[first + 1],
        ]
        rows = (*NEXT.rows[: first + ROWS_PER_MONTH], *extra, *NEXT.rows[first + ROWS_PER_MONTH :])
        with_extra = type(NEXT)(NEXT.columns, NEXT.header, rows)
        files = FILES[0], File("2025-01", with_extra.bytes())
        assert verdicts(review_files(tmp_path / "without", *files)) == ["accepted", "held"]
        left_out = correction(
            cells={"month": "2024-03", "demographic": "UAC", "citizenship": "MEXICO"},
            expects=2 * figure(NEXT, first + 1),
            use=None,
            leave_out=True,
        )
        reviewed = corrected(tmp_path / "with", left_out, files=files)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        [applied] = reviewed.applied
        assert applied.rows == 2
        assert applied.texts["demographic"] == ("UAC", "UC / Single Minors")
        assert applied.texts["citizenship"] == ("Mexico", "Mexico ")

    def test_do_not_include_totals_of_fiscal_years(self, tmp_path: Path) -> None:
        """A row of a fiscal year has no month, so a correction of a month does not match it."""
        before = monthly_tables()
        fewer = before.changed(REPATS, lambda sheet: sheet.with_cell("F5", 5))
        files = [
            File(published, workbook.bytes(), MONTHLY_TABLES, TABLES_NAME)
            for published, workbook in [("2024-02-09", before), ("2024-03-08", fewer)]
        ]
        removal = correction(
            dataset=MONTHLY_TABLES,
            cells={"month": "2022-10", "table_name": "repatriations_by_type", "series": "removal"},
            expects=1000,
            use=None,
            leave_out=True,
            since=date(2024, 1, 1),
        )
        reviewed = corrected(tmp_path, removal, files=tuple(files))
        assert verdicts(reviewed) == ["accepted", "held"]
        [held] = reviewed.held()
        assert "FY2023, repatriations_by_type, removal" in str(held.reason)


class TestWhenItApplies:
    """From one publication date until another, and to releases that cover its month."""

    @pytest.mark.parametrize(
        ("since", "until", "applies"),
        [
            ("2025-01-31", None, True),  # a date known only to the month is the month's last day
            ("2025-02-01", None, False),
            ("2025-01-01", "2025-02-01", True),
            ("2025-01-01", "2025-01-31", False),
        ],
    )
    def test_depends_on_the_publication_date(
        self, tmp_path: Path, since: str, until: str | None, applies: bool
    ) -> None:
        reviewed = corrected(tmp_path, correction(since=since, until=until))
        assert len(reviewed.applied) == applies
        assert verdicts(reviewed) == ["accepted", "accepted" if applies else "held"]

    @pytest.mark.parametrize(
        "cells",
        [
            {"month": "2022-09"},
            {"month": "2025-01"},
            {"fiscal_year": "2025", "month_name": "FEB"},
            {"fiscal_year": "2022"},
        ],
    )
    def test_excludes_a_release_that_does_not_cover_the_month(
        self, tmp_path: Path, cells: dict[str, str]
    ) -> None:
        elsewhere = correction(cells=cells | {"component": "USBP"})
        files = FILES[0], File("2025-01", NEXT.bytes())
        reviewed = corrected(tmp_path, elsewhere, files=files)
        assert reviewed.applied == ()
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_excludes_other_datasets(self, tmp_path: Path) -> None:
        other = correction(dataset="cbp_southwest_summary")
        assert corrected(tmp_path, other).applied == ()

    def test_excludes_a_release_that_a_person_refused(self, tmp_path: Path) -> None:
        """Its figures do not show that the publisher has corrected the error."""
        not_cbps = File("2025-02", moved(WRONG, 2024, "MAR", 5, number=2).bytes())
        archive = archive_of(tmp_path, *FILES, not_cbps)
        with pytest.raises(CorrectionError):
            review(archive, corrections=[correction()])
        [name] = [r.release_id for r in archive.releases() if r.published_on == date(2025, 2, 28)]
        decide(archive, name, "refused", "not CBP's file", "Ada")
        reviewed = review(archive, corrections=[correction()])
        assert verdicts(reviewed) == ["accepted", "accepted", "refused"]
        assert len(reviewed.applied) == 1


class TestOnceThePublisherHasCorrectedIt:
    """A correction that does not find the figure it expects fails, and says what to do."""

    @pytest.mark.parametrize("figure_now", [RIGHT, RIGHT + 8999])
    def test_the_error_names_the_day_to_end_it(self, tmp_path: Path, figure_now: int) -> None:
        changed = File("2025-02", NEXT.with_cell(ROW, "encounters", str(figure_now)).bytes())
        archive = archive_of(tmp_path, *FILES, changed)
        [release] = [r for r in archive.releases() if r.published_on == date(2025, 2, 28)]
        expected = (
            f"corrections.yaml: nine-thousand-too-many: release {release.describe()}: found "
            f"{figure_now:,} in {ADULTS}, expected {RIGHT + 9000:,}: the publisher has corrected "
            "it; end the correction with `until: 2025-02-28`"
        )
        with pytest.raises(CorrectionError, match=re.escape(expected)):
            review(archive, corrections=[correction()])
        ended = correction(until=date(2025, 2, 28))
        assert verdicts(review(archive, corrections=[ended]))[1] == "accepted"

    def test_missing_rows_are_an_error_too(self, tmp_path: Path) -> None:
        """Even if the correction expects them to sum to 0."""
        left_out = correction(
            cells=ADULTS | {"citizenship": "Atlantis"}, expects=0, use=None, leave_out=True
        )
        with pytest.raises(CorrectionError, match="has corrected it"):
            corrected(tmp_path, left_out)
