"""Datasets: what the catalogue has, what a file name promises, and which YAML is refused."""

import csv
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.catalogue.dataset import load_catalogue
from orchestration.catalogue.vocabulary import fold, load_vocabulary
from orchestration.settings import BUNDLED, DATASETS, DBT_PROJECT, ConfigurationError
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST

ICE = "ice_detention_statistics"
OHSS_TABLES = "ohss_monthly_tables"
OHSS = "ohss_immigration-enforcement-and-legal-processes-tables"


def test_the_bundled_datasets_are_those_in_the_bundle() -> None:
    catalogue = load_catalogue()
    assert list(catalogue) == sorted(catalogue)
    bundled = {name for name, dataset in catalogue.items() if dataset.bundled}
    assert bundled == {path.name for path in BUNDLED.iterdir() if path.is_dir()}


@pytest.mark.parametrize("name", load_catalogue())
def test_a_dataset_says_what_its_figures_mean_and_their_traps(name: str) -> None:
    dataset = load_catalogue()[name]
    assert dataset.meaning
    assert dataset.licence
    assert dataset.cadence
    assert dataset.traps
    assert all(column.description for column in dataset.columns.values())


@pytest.mark.parametrize("name", load_catalogue())
def test_the_headers_of_a_dataset_are_distinct_and_its_vocabularies_exist(name: str) -> None:
    dataset = load_catalogue()[name]
    columns = dataset.columns
    headers = [fold(re.sub(r"[()]", " ", text)) for c in columns.values() for text in c.headers]
    assert len(headers) == len(set(headers))
    for column in columns.values():
        if column.vocabulary is not None:
            assert load_vocabulary().labels(column.vocabulary)
    for listed in filter(None, (table.vocabulary for table in dataset.tables)):
        for dimension in filter(None, (listed.heading_group, listed.label)):
            assert load_vocabulary().labels(dimension)


@pytest.mark.parametrize(
    ("dataset", "file_name", "promised"),
    [
        (SOUTHWEST, "sbo-encounters-fy19-fy22.csv", (2022, None)),
        (SOUTHWEST, "sbo-encounters-fy20-fy23.csv", (2023, None)),
        (SOUTHWEST, "sbo-encounters-fy22-fy25-nov.csv", (2025, 11)),
        ("ohss_monthly_tables", f"2024_1108_{OHSS}-july-2024.xlsx", (2024, 7)),
        ("ohss_monthly_tables", f"25-0116_{OHSS}-november-2024_2.xlsx", (2025, 11)),
        ("ohss_monthly_web_table", "ielp-table-202407-t.csv", (2024, 7)),
        ("ohss_key_metrics_usbp", "KHSM Encounters (USBP) fy25m11.xlsx", (2025, 11)),
        ("ohss_key_metrics_usbp", "KHSM%20Encounters%20(USBP)%20fy25m11.xlsx", (2025, 11)),
        ("ohss_key_metrics_usbp", "KHSM_Encounters_(USBP)_fy2025m11_0.xlsx", (2025, 11)),
        (SOUTHWEST, "sbo-encounters-fy22-fy25-nov.xlsx", (2025, 11)),
        ("ice_detention_statistics", "FY24_detentionStats.xlsx", (2024, None)),
        (SOUTHWEST, "sbo-encounters-fy22-fy25-oct_0.csv", (2025, 10)),
        (SOUTHWEST, "SBO-Encounters-FY22-FY25-SEPT.CSV", (2025, 9)),
        (SOUTHWEST, "sbo-encounters-fy22-fy25-january.csv", (2025, 1)),
        (SOUTHWEST, "sbo-encounters-fy22-fy25-final.csv", (2025, None)),
        (SOUTHWEST, "encounters.csv", None),
        (SOUTHWEST, "nationwide-encounters-fy21-fy24-aor.csv", None),
        (BY_AREA, "nationwide-encounters-fy21-fy24-aor.csv", (2024, None)),
        (BY_AREA, "nationwide-encounters-fy23-fy26-aug-aor_0.csv", (2026, 8)),
        (BY_STATE, "nationwide-encounters-fy21-fy24-oct-state.csv", (2024, 10)),
        (BY_STATE, "nationwide-encounters-fy20-fy23-state_12.csv", (2023, None)),
        ("cbp_southwest_summary", "cbp_southwest_monthly_published_2024-12.csv", None),
    ],
)
def test_a_file_name_promises_its_last_year_and_month(
    dataset: str, file_name: str, promised: tuple[int, int | None] | None
) -> None:
    assert load_catalogue()[dataset].span_in_name(file_name) == promised


@pytest.mark.parametrize(
    ("dataset", "file_name", "published_on", "url"),
    [
        (
            *(SOUTHWEST, "sbo-encounters-fy22-fy25-nov.csv", date(2024, 12, 31)),
            "https://www.cbp.gov/sites/default/files/2024-12/sbo-encounters-fy22-fy25-nov.csv",
        ),
        (
            *(SOUTHWEST, "sbo-encounters-fy19-fy22 (1).csv", date(2022, 10, 31)),
            "https://www.cbp.gov/sites/default/files/assets/documents/2022-Oct/"
            "sbo-encounters-fy19-fy22.csv",
        ),
        (
            *(BY_AREA, "nationwide-encounters-fy23-fy26-aug-aor_0.csv", date(2026, 9, 4)),
            "https://www.cbp.gov/sites/default/files/2026-09/"
            "nationwide-encounters-fy23-fy26-aug-aor_0.csv",
        ),
        (BY_STATE, "nationwide-encounters-fy21-fy24-nov-state.csv", date(2023, 12, 31), None),
        (SOUTHWEST, "encounters.csv", date(2024, 12, 31), None),
        (
            *("ohss_monthly_tables", f"2024_1108_{OHSS}-july-2024.xlsx", date(2024, 11, 8)),
            f"https://ohss.dhs.gov/sites/default/files/2024-11/2024_1108_{OHSS}-july-2024.xlsx",
        ),
        (
            *("ice_detention_statistics", "FY24_detentionStats.xlsx", date(2024, 12, 31)),
            "https://www.ice.gov/doclib/detention/FY24_detentionStats.xlsx",
        ),
        (
            *("ohss_key_metrics_usbp", "KHSM Encounters (USBP) fy25m11.xlsx"),
            *(date(2024, 12, 31), None),
        ),
        (
            *("cbp_southwest_summary", "cbp_southwest_monthly_published_2024-12.csv"),
            *(date(2024, 12, 31), None),
        ),
    ],
)
def test_a_url_is_inferred_only_where_the_publishers_habits_are_known(
    dataset: str, file_name: str, published_on: date, url: str | None
) -> None:
    assert load_catalogue()[dataset].inferred_url(file_name, published_on) == url


def test_a_dataset_says_which_cells_become_rows() -> None:
    catalogue = load_catalogue()
    assert catalogue[SOUTHWEST].rows_in_words == "every cell"
    for dataset in catalogue.values():
        assert bool(dataset.tables) == (dataset.rows_in_words != "every cell")
    for table in catalogue["ice_detention_statistics"].tables:
        assert table.name in catalogue["ice_detention_statistics"].rows_in_words


def broken(folder: Path, **changes: Any) -> str:
    """Return why a catalogue is refused whose only dataset has these fields changed."""
    fields = yaml.safe_load((DATASETS / f"{SOUTHWEST}.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump({k: v for k, v in (fields | changes).items() if v is not None})
    (folder / f"{SOUTHWEST}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_catalogue(folder)
    return str(refused.value)


COUNT = {"headers": ["Encounter Count"], "kind": "count", "description": "Encounters."}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": "blue"}, "colour"),
        ({"title": None}, "title"),
        ({"cut": "county"}, "cut"),
        ({"reader": "psychic"}, "reader"),
        ({"landing_page": "http://example.org"}, "landing_page"),
        ({"rows_against_previous": 1.5}, "rows_against_previous"),
        ({"file_examples": ["encounters.csv"]}, "does not match its example 'encounters.csv'"),
        ({"file_pattern": "sbo-(.csv"}, "file_pattern 'sbo-(.csv'"),
        ({"cell": ["county"]}, "'county', which columns lacks"),
        ({"complete_by": ["county"]}, "'county', which columns lacks"),
        ({"not_people": {"county": ["Kent"]}}, "'county', which columns lacks"),
        ({"cell": []}, "cell"),
        ({"columns": {"encounters": COUNT | {"kind": "label"}}}, "a vocabulary goes with kind"),
        ({"columns": {"encounters": COUNT | {"vocabulary": "state"}}}, "a vocabulary goes with"),
        ({"columns": {"encounters": COUNT | {"headers": []}}}, "headers"),
        ({"page_column": "page"}, "page_column names 'page', which columns lacks"),
        ({"reads": "some tables"}, "reads: goes with tables, and only with them"),
        ({"url_patterns": [{"url": "https://example.org/all.csv"}]}, "url_patterns.0.url"),
        (
            {"url_patterns": [{"url": "https://example.org/{day}/{file_name}"}]},
            "found {day}, expected {file_name}",
        ),
        ({"overdue_days": None}, "overdue_days"),
        ({"overdue_days": 0}, "overdue_days"),
        ({"bundled": True}, "overdue_days: found 45 for a bundled dataset, expected null"),
        ({"name": "cbp_other"}, f"found name 'cbp_other', expected '{SOUTHWEST}'"),
    ],
)
def test_a_broken_dataset_is_refused_by_file_and_field(
    tmp_path: Path, changes: dict[str, Any], named: str
) -> None:
    reason = broken(tmp_path, **changes)
    assert reason.startswith(f"{SOUTHWEST}.yaml: ")
    assert named in reason


def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("title: [unclosed", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"^a\.yaml: "):
        load_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("dataset", "file_name", "published"),
    [
        ("ohss_monthly_tables", f"2024_1108_{OHSS}-july-2024.xlsx", date(2024, 11, 8)),
        ("ohss_monthly_tables", f"24-0607_{OHSS}-february-2024.xlsx", date(2024, 6, 7)),
        ("ohss_monthly_tables", f"2024-06-07_{OHSS}-february-2024.xlsx", date(2024, 6, 7)),
        ("ice_detention_statistics", "FY26_YTD_detentionStats_04092026.xlsx", date(2026, 4, 9)),
        ("ice_detention_statistics", "FY26_detentionStats02022026.xlsx", date(2026, 2, 2)),
        ("ice_detention_statistics", "FY26_detentionStats_04092026.xlsx", date(2026, 4, 9)),
        ("ice_detention_statistics", "FY26_detentionStats13322026.xlsx", None),
        ("ice_detention_statistics", "FY24_detentionStats.xlsx", None),
        ("ice_detention_statistics", "FY22_detentionStats03172022b.xlsx", date(2022, 3, 17)),
        ("ice_detention_statistics", "FY23_detentionStats230316.xlsx", date(2023, 3, 16)),
        ("ice_detention_statistics", "FY21_detentionStats060921.xlsx", date(2021, 6, 9)),
        ("ice_detention_statistics", "FY21_detention-stats_0301.xlsx", date(2021, 3, 1)),
        ("ice_detention_statistics", "FY21_detention-stats_1101.xlsx", date(2020, 11, 1)),
        ("ice_detention_statistics", "FY21_detentionStats07222020.xlsx", None),
        ("ice_detention_statistics", "Copy of FY24_detentionStats01152025.xlsx", date(2025, 1, 15)),
        ("ice_detention_statistics", "FY24_detentionStats01152025 (1).xlsx", date(2025, 1, 15)),
        (SOUTHWEST, "sbo-encounters-fy22-fy25-nov.csv", None),
    ],
)
def test_a_file_name_may_have_the_publication_date(
    dataset: str, file_name: str, published: date | None
) -> None:
    assert load_catalogue()[dataset].publication_in_name(file_name)[0] == published


def test_a_date_in_a_name_before_its_fiscal_year_is_noted() -> None:
    dataset = load_catalogue()["ice_detention_statistics"]
    assert dataset.publication_in_name("FY21_detentionStats07222020.xlsx") == (
        None,
        "the date 2020-07-22 in the file's name, expected a day of FY2021 or later: not used",
    )


@pytest.mark.parametrize(
    ("dataset", "file_name", "published_on", "found"),
    [
        (ICE, "FY21_detentionStats01152021.xlsx", date(2022, 1, 15), date(2021, 1, 15)),
        (ICE, "FY24_detention-stats_1115.xlsx", date(2024, 11, 15), date(2023, 11, 15)),
        (ICE, "FY23_detentionStats230316.xlsx", date(2024, 3, 15), date(2023, 3, 16)),
        (OHSS_TABLES, f"2023_1108_{OHSS}-july-2024.xlsx", date(2024, 11, 30), date(2023, 11, 8)),
    ],
)
def test_a_date_in_a_name_a_year_before_the_publication_is_noted(
    dataset: str, file_name: str, published_on: date, found: date
) -> None:
    in_name, note = load_catalogue()[dataset].publication_in_name(file_name, published_on)
    assert in_name is None
    assert note == (
        f"the date {found} in the file's name, expected a day after "
        f"{published_on - timedelta(days=365)}, a year before the publication: not used"
    )


@pytest.mark.parametrize(
    ("dataset", "file_name", "published_on"),
    [
        (ICE, "FY21_detentionStats01152021.xlsx", date(2022, 1, 14)),
        (ICE, "FY21_detentionStats01152021.xlsx", date(2020, 1, 15)),
        (ICE, "FY24_detentionStats.xlsx", date(2030, 1, 1)),
        (OHSS_TABLES, f"2024_1108_{OHSS}-july-2024.xlsx", date(2024, 11, 30)),
    ],
)
def test_a_date_in_a_name_less_than_a_year_before_the_publication_counts(
    dataset: str, file_name: str, published_on: date
) -> None:
    catalogued = load_catalogue()[dataset]
    in_name = catalogued.publication_in_name(file_name)
    assert catalogued.publication_in_name(file_name, published_on) == in_name
    assert in_name[1] is None


@pytest.mark.parametrize(
    ("file_name", "is_recognised"),
    [
        ("FY24_detentionStats.xlsx", True),
        ("FY24_detentionStats (1).xlsx", True),
        ("FY24_detentionStats - Copy (2).xlsx", True),
        ("Copy of FY24_detentionStats.xlsx", True),
        ("FY24_detentionStats-1.xlsx", True),
        ("FY24_detentionStats_final.xlsx", True),
        ("FY26_detentionStats02162026v2.xlsx", True),
        ("FY26_detentionStats02162026_508.xlsx", True),
        ("download.xlsx", False),
        ("detention.xlsx", False),
    ],
)
def test_the_name_of_a_copy_is_recognised(file_name: str, is_recognised: bool) -> None:
    assert load_catalogue()["ice_detention_statistics"].recognises(file_name) == is_recognised


@pytest.mark.parametrize(
    "file_name",
    [
        "sbo-encounters-fy22-fy25-dec.csv",
        "sbo-encounters-fy2022-fy2025-dec.csv",
        "SBO_encounters_FY22_FY25_Dec_0.csv",
        "sbo encounters fy22 fy25 december.csv",
    ],
)
def test_cbps_names_may_have_other_signs_and_whole_years(file_name: str) -> None:
    southwest = load_catalogue()["cbp_southwest_encounters"]
    assert southwest.recognises(file_name)
    assert southwest.span_in_name(file_name) == (2025, 12)


def test_the_models_read_ohss_headings_with_the_vocabulary_of_the_reader() -> None:
    """The seed says what a table counts; its dimensions are those by which the reader notes an
    unlisted heading."""
    with (DBT_PROJECT / "seeds" / "ohss_tables.csv").open(encoding="utf-8", newline="") as file:
        seeded = {
            row["table_name"]: (row["group_dimension"] or None, row["label_dimension"])
            for row in csv.DictReader(file)
        }
    noted = {
        table.name: (table.vocabulary.heading_group, table.vocabulary.label)
        for table in load_catalogue()["ohss_monthly_tables"].tables
        if table.vocabulary is not None and table.vocabulary.noted
    }
    assert seeded == noted
