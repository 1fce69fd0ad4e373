"""Breakdowns that two datasets publish: people may not be in other categories at one of them.

The release by area comes after the one of the southwest border, with the same totals.
"""

from pathlib import Path

import pytest

from tests.support.cbp_files import BY_AREA, FIELD_OPERATIONS, SOUTHWEST, Made, made
from tests.support.reviews import File, hold_reason, only_held, review_files, verdicts

PEOPLE = (
    {"demographic": "Single Adults", "citizenship": "Mexico"},
    {"demographic": "UC / Single Minors", "citizenship": "Honduras"},
)


def release(dataset: str, last: str = "2024-10") -> Made:
    """Every month with the same people in both datasets, all of them at the southwest border."""
    sound = made(dataset, "2023-10", last, PEOPLE).with_cells(
        "encounters", lambda i, _: str((1_000, 400, 9_000, 3_000)[i % 4] + i * 7_919 % 101)
    )
    if dataset == SOUTHWEST:
        return sound
    ports = {
        "land_border_region": "Southwest Land Border",
        "area_of_responsibility": "San Diego Field Office",
        "area_abbreviation": "San Diego",
    }
    at_ports = {i for i, name in enumerate(sound.column("component")) if name == FIELD_OPERATIONS}
    for column, label in ports.items():
        sound = _in_rows(sound, at_ports, column, label)
    return sound


def _in_rows(made_release: Made, rows: set[int], column: str, label: str) -> Made:
    return made_release.with_cells(column, lambda i, text: label if i in rows else text)


def files(by_area: Made, published: str = "2024-12") -> tuple[File, File]:
    return (
        File("2024-11", release(SOUTHWEST).bytes()),
        File(published, by_area.bytes(), BY_AREA),
    )


def test_equal_breakdowns_are_accepted(tmp_path: Path) -> None:
    reviewed = review_files(tmp_path, *files(release(BY_AREA)))
    assert verdicts(reviewed) == ["accepted", "accepted"]


@pytest.mark.parametrize("column", ["demographic", "citizenship"])
def test_labels_exchanged_throughout_are_held(tmp_path: Path, column: str) -> None:
    """No month of the release stands out beside its own others."""
    sound = release(BY_AREA)
    one, other = sorted(set(sound.column(column)))
    exchanged = sound.with_cells(column, lambda _, text: {one: other, other: one}[text])
    reviewed = review_files(tmp_path, *files(exchanged))
    assert only_held(reviewed).dataset == BY_AREA
    assert only_held(reviewed).checks == ("datasets_agree",)
    assert "people in another category, by component, demographic, citizenship" in (
        hold_reason(reviewed)
    )


def test_the_later_release_is_held_whichever_dataset_it_is_of(tmp_path: Path) -> None:
    """By area comes first in the catalogue, and here in time, too."""
    sound = release(SOUTHWEST)
    names = sorted(set(sound.column("demographic")))
    exchanged = sound.with_cells(
        "demographic", lambda _, text: dict(zip(names, reversed(names), strict=True))[text]
    )
    by_area, southwest = (
        File("2024-11", release(BY_AREA).bytes(), BY_AREA),
        File("2024-12", exchanged.bytes()),
    )
    for number, order in enumerate([(by_area, southwest), (southwest, by_area)]):
        reviewed = review_files(tmp_path / str(number), *order)
        assert only_held(reviewed).dataset == SOUTHWEST


def test_a_country_that_one_of_them_does_not_name_is_among_the_others(tmp_path: Path) -> None:
    sound = release(SOUTHWEST)
    fewer = sound.with_cells("citizenship", lambda _, text: "Other" if text == "Honduras" else text)
    southwest = File("2024-11", fewer.bytes())
    by_area = File("2024-12", release(BY_AREA).bytes(), BY_AREA)
    assert verdicts(review_files(tmp_path, southwest, by_area)) == ["accepted", "accepted"]


def test_of_one_day_the_release_that_came_first_stays(tmp_path: Path) -> None:
    """The later one is held, though its dataset comes first in the catalogue."""
    sound = release(BY_AREA)
    more = sound.with_cells("encounters", lambda _, text: str(round(int(text) * 1.1)))
    reviewed = review_files(tmp_path, *files(more, published="2024-11"))
    assert only_held(reviewed).dataset == BY_AREA
