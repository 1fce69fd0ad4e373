"""The review of CBP's custody and transfer pages: misprints, totals that do not fit, tables that
the page has left at the year before."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.catalogue.corrections import Correction
from orchestration.review.corrections import CorrectionError
from orchestration.review.review import Review, review
from tests.support.custody_pages import (
    CUSTODY,
    DISPOSITIONS,
    FEARS,
    FIELD_OFFICES,
    NAME,
    SECTORS,
    MadePage,
    custody_page,
)
from tests.support.reviews import File, archive_of, review_files, verdicts

PAGE = custody_page()
MISPRINTED = PAGE.with_cell(FIELD_OFFICES, "Laredo", 1, "21.129")


def file(page: MadePage, published: str = "2025-12-15") -> File:
    return File(published, page.bytes(), CUSTODY, NAME)


def held_tables(reviewed: Review) -> tuple[str, ...]:
    return reviewed.releases[-1].held_tables


def month_later(page: MadePage = PAGE) -> MadePage:
    """The page a month later: the dashes of December are figures."""
    figures = {DISPOSITIONS: ("3", "3,217", "0", "305", "3,525"), SECTORS: ("236", "83", "319")}
    for heading, texts in figures.items():
        table = page.table(heading)
        rows = tuple((*row[:3], text) for row, text in zip(table.rows, texts, strict=True))
        page = page.with_table(replace(table, rows=rows))
    return page


def correction(**changes: object) -> Correction:
    return Correction.model_validate(
        {
            "name": "full-stop",
            "dataset": CUSTODY,
            "cells": {
                "month": "2024-11",
                "table_name": "field_office_inadmissibles",
                "custody_row": "Laredo",
            },
            "replaces": "21.129",
            "use": 21129,
            "reason": "A full stop for a comma.",
            "source": "https://www.cbp.gov",
            "since": date(2025, 12, 1),
        }
        | changes
    )


class TestAMisprint:
    """A cell that cannot be typed leaves its table without a part of the total."""

    def test_holds_its_table_only(self, tmp_path: Path) -> None:
        reviewed = review_files(tmp_path, file(MISPRINTED))
        assert verdicts(reviewed) == ["accepted"]
        assert held_tables(reviewed) == ("field_office_inadmissibles",)
        assert "2024-11: found 26,441 as the sum of the field offices, expected 47,570" in str(
            reviewed.releases[0].reason
        )

    def test_of_a_few_people_is_a_rejected_row(self, tmp_path: Path) -> None:
        reviewed = review_files(tmp_path, file(PAGE.with_cell(DISPOSITIONS, "Paroles", 0, "4.")))
        assert held_tables(reviewed) == ()
        assert reviewed.releases[0].untyped_rows == 1

    def test_that_a_correction_replaces_is_typed(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, file(MISPRINTED))
        reviewed = review(archive, corrections=[correction()])
        assert (verdicts(reviewed), held_tables(reviewed)) == (["accepted"], ())
        [release], [applied] = reviewed.releases, reviewed.applied
        assert (release.untyped_rows, applied.rows) == (0, 1)
        assert applied.texts["custody_row"] == ("Laredo",)

    @pytest.mark.parametrize("text", ["21,129", "2.1129"])
    def test_that_is_there_no_more_is_an_error(self, tmp_path: Path, text: str) -> None:
        page = PAGE.with_cell(FIELD_OFFICES, "Laredo", 1, text)
        archive = archive_of(tmp_path, file(page))
        message = r"found 0 rejected rows with '21\.129' .* `until: 2025-12-15`"
        with pytest.raises(CorrectionError, match=message):
            review(archive, corrections=[correction()])
        for apart in (
            correction(until=date(2025, 12, 15)),
            correction(since=date(2025, 12, 16)),
            correction(cells=correction().cells | {"month": "2023-11"}),
        ):
            assert not review(archive, corrections=[apart]).applied


@pytest.mark.parametrize(
    ("heading", "label", "text", "table"),
    [
        (FIELD_OFFICES, "San Diego", "15,413", "field_office_inadmissibles"),
        (FIELD_OFFICES, "Total", "47,564", "field_office_inadmissibles"),
        (DISPOSITIONS, "Expedited Removal (ER)", "3,715", "border_patrol_dispositions"),
        (SECTORS, "San Diego", "79", "border_patrol_in_custody"),
        (FEARS, "Notice To Appear (NTA)<", "1,508", "credible_fear_dispositions"),
    ],
)
def test_a_total_that_does_not_fit_holds_its_table(
    tmp_path: Path, heading: str, label: str, text: str, table: str
) -> None:
    reviewed = review_files(tmp_path, file(PAGE.with_cell(heading, label, 1, text)))
    assert held_tables(reviewed) == (table,)
    assert reviewed.releases[0].checks == ("parts_add_up",)


@pytest.mark.parametrize("label", ["Total", "Laredo"])
def test_a_table_without_its_total_or_of_its_total_alone_is_not_compared(
    tmp_path: Path, label: str
) -> None:
    """As in copies that lack rows."""
    table = PAGE.table(FIELD_OFFICES)
    rows = (row for row in table.rows if (row[0] == "Total") == (label == "Total"))
    reviewed = review_files(tmp_path, file(PAGE.with_table(replace(table, rows=tuple(rows)))))
    assert (verdicts(reviewed), held_tables(reviewed)) == (["accepted"], ())


class TestTheNextPage:
    """The page of the next month, compared with the one before."""

    def test_with_another_month_is_accepted(self, tmp_path: Path) -> None:
        reviewed = review_files(tmp_path, file(PAGE), file(month_later(), "2026-01-15"))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert held_tables(reviewed) == ()

    def test_after_one_whose_month_to_come_read_0_is_accepted(self, tmp_path: Path) -> None:
        """Else the month would have leapt from nobody."""
        early = PAGE.with_text("-", "0")
        reviewed = review_files(tmp_path, file(early), file(month_later(), "2026-01-15"))
        assert verdicts(reviewed) == ["accepted", "accepted"]
        assert [release.held_tables for release in reviewed.releases] == [(), ()]
        assert reviewed.releases[0].last_month == date(2025, 11, 1)

    def test_that_revises_too_much_is_held(self, tmp_path: Path) -> None:
        revised = month_later().with_cell(DISPOSITIONS, "Expedited Removal (ER)", 0, "4,713")
        revised = revised.with_cell(DISPOSITIONS, "Total", 0, "5,032")
        reviewed = review_files(tmp_path, file(PAGE), file(revised, "2026-01-15"))
        assert held_tables(reviewed) == ("border_patrol_dispositions",)
        assert "found 4,713 in total, expected 4,213" in str(reviewed.releases[1].reason)

    def test_that_moves_a_table_on_to_the_new_year_loses_nothing(self, tmp_path: Path) -> None:
        """The field offices' table had stayed at FY2025."""
        table = PAGE.table(FIELD_OFFICES)
        moved = month_later().with_table(replace(table, head=("Oct-25", "Nov-25", "Dec-25")))
        reviewed = review_files(tmp_path, file(PAGE), file(moved, "2026-01-15"))
        assert (verdicts(reviewed), held_tables(reviewed)) == (["accepted", "accepted"], ())

    def test_that_is_the_old_one_is_held(self, tmp_path: Path) -> None:
        again = PAGE.with_cell(SECTORS, "San Diego", 0, "89").with_cell(SECTORS, "Total", 0, "285")
        reviewed = review_files(tmp_path, file(month_later()), file(again, "2026-01-15"))
        assert "months_reach_as_far" in reviewed.releases[1].checks
