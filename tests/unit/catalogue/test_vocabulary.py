"""The vocabulary: spellings, labels and categories, and which YAML is refused."""

import tracemalloc
from pathlib import Path

import pytest

from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.settings import ConfigurationError


def test_long_texts_of_a_hostile_file_are_not_kept() -> None:
    tracemalloc.start()
    try:
        for number in range(100):
            assert fold(f"{number} {'X' * 50_000}").endswith("x")
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000


def test_every_spelling_has_its_label() -> None:
    vocabulary = load_vocabulary()
    assert vocabulary.spellings("component")["usbp"] == "U.S. Border Patrol"
    assert vocabulary.spellings("month_name")["sept"] == "SEP"
    assert vocabulary.labels("month_name")[0] == "JAN"
    assert vocabulary.labels("month_name")[11] == "DEC"
    assert vocabulary.spellings("area_of_responsibility.abbreviation")["sdc"] == "San Diego Sector"
    assert "san diego sector" not in vocabulary.spellings("area_of_responsibility.abbreviation")


def test_a_renamed_label_and_its_successor_are_one_category() -> None:
    vocabulary = load_vocabulary()
    categories = vocabulary.categories("demographic")
    assert categories["uc / single minors"] == categories["uac"] == "UAC"
    assert categories["family unit aliens"] == categories["fmua"] == "FMUA"
    rows = [row for row in vocabulary.rows() if row["dimension"] == "demographic"]
    assert {row["spelling"]: row["category"] for row in rows} == categories


def test_an_abbreviation_has_the_category_of_its_label() -> None:
    categories = load_vocabulary().categories("area_of_responsibility.abbreviation")
    assert categories["sdc"] == "San Diego Sector"


def test_every_area_sector_and_state_is_in_regions_that_are_listed() -> None:
    vocabulary = load_vocabulary()
    for dimension, of_region in {
        "area_of_responsibility": "land_border_region",
        "state": "land_border_region",
        "sector_and_state": "border_patrol_region",
    }.items():
        regions = vocabulary.regions(dimension)
        assert set(regions) == set(vocabulary.labels(dimension))
        assert {r for label in regions.values() for r in label} <= set(vocabulary.labels(of_region))


def test_no_spelling_has_two_labels() -> None:
    rows = load_vocabulary().rows()
    assert len({(row["dimension"], row["spelling"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "text", ["Single Adults", " single  ADULTS\t", "single\N{NO-BREAK SPACE}adults"]
)
def test_folding_ignores_letter_case_and_white_space(text: str) -> None:
    assert fold(text) == "single adults"


def test_folding_makes_one_of_an_accented_letter_and_a_letter_with_its_accent() -> None:
    assert fold("TU\N{COMBINING DIAERESIS}RKIYE") == fold(
        "T\N{LATIN SMALL LETTER U WITH DIAERESIS}rkiye"
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("demographic: [{label: A, renamed_to: B}]", "demographic: 'A' is renamed to 'B'"),
        (
            "demographic: [{label: A, renamed_to: B}, {label: B, renamed_to: A}]",
            "demographic: 'A' is renamed in a circle",
        ),
        ("demographic: [{name: A}]", "label"),
        ("demographic: A", "demographic"),
        ("demographic: [", "while parsing"),
    ],
)
def test_a_broken_vocabulary_is_refused(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "vocabulary.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_vocabulary(path)
    assert str(refused.value).startswith("vocabulary.yaml: ")
    assert named in str(refused.value)
