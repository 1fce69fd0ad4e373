"""Areas, sectors and states in rows of a region: which of them hold a release."""

from pathlib import Path

import pytest

from tests.support.cbp_files import BY_AREA, BY_STATE, made
from tests.support.reviews import File, hold_reason, only_held, review_files, verdicts
from tests.support.workbooks import (
    BY_SECTOR,
    KEY_METRICS,
    METRICS_NAME,
    MadeWorkbook,
    key_metrics,
)


def cut(dataset: str, column: str, cells: dict[str, str]) -> File:
    """A first release with other texts in a column, wherever they are."""
    changed = made(dataset).with_cells(column, lambda _, text: cells.get(text, text))
    return File("2024-12", changed.bytes(), dataset)


def metrics(workbook: MadeWorkbook) -> File:
    return File("2023-12", workbook.bytes(), KEY_METRICS, METRICS_NAME)


@pytest.mark.parametrize(
    ("dataset", "column", "cells"),
    [
        (BY_STATE, "state", {}),
        (BY_STATE, "state", {"WA": "ny", "CA": "Tx"}),
        (BY_AREA, "land_border_region", {}),
    ],
)
def test_a_label_in_a_region_of_its_own_is_accepted(
    tmp_path: Path, dataset: str, column: str, cells: dict[str, str]
) -> None:
    assert verdicts(review_files(tmp_path, cut(dataset, column, cells))) == ["accepted"]


@pytest.mark.parametrize(
    ("dataset", "column", "cells", "reason"),
    [
        (
            BY_STATE,
            "state",
            {"WA": "TX"},
            "line 2: column 'State': found 'TX' in a row of 'Northern Land Border', expected "
            "'Southwest Land Border' or 'Other'; 52 rows are affected",
        ),
        (
            BY_STATE,
            "state",
            {"CA": "IL"},
            "line 4: column 'State': found 'IL' in a row of 'Southwest Land Border', expected "
            "'Other'; 52 rows are affected",
        ),
        (
            BY_AREA,
            "land_border_region",
            {"Southwest Land Border": "Northern Land Border"},
            "line 4: column 'Area of Responsibility': found 'San Diego Sector' in a row of "
            "'Northern Land Border', expected 'Southwest Land Border'; 52 rows are affected",
        ),
    ],
)
def test_a_label_in_another_region_is_held(
    tmp_path: Path, dataset: str, column: str, cells: dict[str, str], reason: str
) -> None:
    reviewed = review_files(tmp_path, cut(dataset, column, cells))
    assert only_held(reviewed).checks == ("labels_fit_each_other",)
    assert hold_reason(reviewed) == reason


def test_a_sector_of_the_border_patrol_in_another_region_is_held(tmp_path: Path) -> None:
    swapped = key_metrics().changed(BY_SECTOR, lambda sheet: sheet.with_cell("D2", "Laredo, TX"))
    reason = hold_reason(review_files(tmp_path, metrics(swapped)))
    assert "row 2: column 'Sector': found 'Laredo, TX' in a row of 'Northern Land" in reason
    assert "expected 'Southwest Land Border'; 1 rows are affected" in reason


def test_many_of_them_are_shortened(tmp_path: Path) -> None:
    states = ["TX", "CA", "NM", "AZ", "FL"]
    release = made(BY_STATE)
    north = [i for i, text in enumerate(release.column("state")) if text == "WA"]
    cells = {row: states[i % 5] for i, row in enumerate(north)}
    changed = release.with_cells("state", lambda i, old: cells.get(i, old))
    reviewed = review_files(tmp_path, File("2024-12", changed.bytes(), BY_STATE))
    assert "; and 2 more labels in another region; " in hold_reason(reviewed)
