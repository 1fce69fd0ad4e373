"""Listings: which files a page links to, and when each was published."""

import time
from datetime import date

import pytest

from orchestration.catalogue.dataset import Dataset, load_catalogue
from orchestration.releases.publication import PublicationDate
from orchestration.sources.listing import MOST_LINKS, ListedFile, Listing, read_listing
from tests.support.cbp_files import BY_AREA, BY_STATE
from tests.support.publisher_server import (
    AUGUST,
    CBP,
    CLOSED,
    DICTIONARY,
    JULY,
    LISTING,
    dataset,
    listing,
)


def files_of(page: str, page_url: str, of: Dataset) -> list[ListedFile]:
    return read_listing(page, page_url, of).files


TABLES = "ohss_immigration-enforcement-and-legal-processes-tables"


def test_the_date_comes_from_the_table_or_else_from_the_folder_in_both_spellings() -> None:
    page = listing([AUGUST, JULY, DICTIONARY, CLOSED], {AUGUST: "09/04/2026"})
    assert files_of(page, CBP + LISTING, dataset()) == [
        ListedFile(
            CBP + CLOSED, CLOSED.split("/")[-1], PublicationDate(date(2023, 11, 30), "month")
        ),
        ListedFile(CBP + JULY, JULY.split("/")[-1], PublicationDate(date(2026, 8, 31), "month")),
        ListedFile(CBP + AUGUST, AUGUST.split("/")[-1], PublicationDate(date(2026, 9, 4), "day")),
    ]


def test_only_files_of_the_dataset_count() -> None:
    others = [
        DICTIONARY,
        JULY.replace("aor", "state"),
        JULY + ".zip",
        "mailto:x",
        "#top",
        "http://[",
    ]
    page = listing([*others, JULY])
    assert [f.url for f in files_of(page, CBP + LISTING, dataset())] == [CBP + JULY]


def test_a_url_is_listed_once_however_it_is_linked() -> None:
    page = listing([JULY, CBP.upper().replace("HTTPS", "https") + JULY, f" {JULY}#data"])
    assert [f.url for f in files_of(page, CBP + LISTING, dataset())] == [CBP + JULY]


def test_names_match_without_regard_to_case_and_after_percent_decoding() -> None:
    shouted = JULY.replace("-jul-aor.csv", "-JUL%2Daor.CSV")
    found = files_of(listing([shouted]), CBP + LISTING, dataset())
    assert [f.file_name for f in found] == ["nationwide-encounters-fy23-fy26-JUL-aor.CSV"]
    assert found[0].url == CBP + shouted


@pytest.mark.parametrize(
    "origin",
    [
        "https://files.example.org",
        "//files.example.org",
        "http://www.cbp.gov",
        "https://www.cbp.gov:8443",
        "https://www.cbp.gov@files.example.org",
        "https://someone:secret@www.cbp.gov",
        "https://www.cbp.gov.example.org",
        "ftp://www.cbp.gov",
    ],
)
def test_links_to_another_host_or_scheme_are_left_out(origin: str) -> None:
    read = read_listing(listing([origin + AUGUST, JULY]), CBP + LISTING, dataset())
    assert [f.url for f in read.files] == [CBP + JULY]
    [sentence] = read.unusable
    assert "expected one to https://www.cbp.gov" in sentence


def test_a_file_without_a_date_comes_first() -> None:
    """It is of a closed year; whether its answer has a date is seen when it is downloaded."""
    undated = "/files/2026-13/nationwide-encounters-fy20-fy22-aor.csv"
    read = read_listing(listing([undated, JULY, CLOSED]), CBP + LISTING, dataset())
    assert [f.url for f in read.files] == [CBP + undated, CBP + CLOSED, CBP + JULY]
    assert read.files[0].published_on is None
    assert read.unusable == []


def test_data_files_of_no_dataset_of_the_page_are_named() -> None:
    """Not the dictionary, a PDF; not the file by state, which is of another dataset; not an
    address for mail."""
    renamed = "/files/2026-09/national-encounters-by-area-fy23-fy26.csv"
    known = [JULY, JULY.replace("aor", "state"), DICTIONARY, "mailto:a@example.csv"]
    links = [renamed, *known, "/files/a%0Ab.XLSX", "https://files.example.org/c.zip%20", renamed]
    both = [load_catalogue()[name] for name in (BY_AREA, BY_STATE)]
    read = read_listing(listing(links), CBP + LISTING, dataset(), both)
    assert read == Listing(
        files_of(listing([JULY]), CBP + LISTING, dataset()),
        [],
        ["national-encounters-by-area-fy23-fy26.csv", r"a\nb.XLSX", "c.zip "],
    )


def test_an_impossible_date_in_the_table_falls_back_to_the_folder() -> None:
    found = files_of(listing([], {JULY: "31/08/2026"}), CBP + LISTING, dataset())
    assert [str(f.published_on) for f in found] == ["2026-08"]


def test_the_date_of_a_row_does_not_reach_its_neighbours() -> None:
    page = (
        f'<table><tr><td><a href="{JULY}"></a><tr><td><a href="{AUGUST}"></a>'
        f'<td data-sort-value="09/04/2026"></table><a href="{CLOSED}"></a>'
    )
    found = files_of(page, CBP + LISTING, dataset())
    assert [str(f.published_on) for f in found] == ["2023-11", "2026-08", "2026-09-04"]


def test_of_two_dates_in_a_row_the_later_one_counts() -> None:
    day = '<td data-sort-value="08/{}/2026">'
    page = f'<table><tr><td><a href="{JULY}"></a>{day.format(20)}{day.format(14)}</table>'
    found = files_of(page, CBP + LISTING, dataset())
    assert [str(f.published_on) for f in found] == ["2026-08-20"]


def test_files_of_one_day_come_in_the_reverse_of_the_listing() -> None:
    again = JULY.replace("aor", "aor_0")
    found = files_of(listing([again, JULY]), CBP + LISTING, dataset())
    assert [f.url for f in found] == [CBP + JULY, CBP + again]


def test_of_two_rows_the_later_date_counts() -> None:
    rows = listing([], {JULY: "08/20/2026"}) + listing([], {JULY: "08/14/2026"})
    found = files_of(rows, CBP + LISTING, dataset())
    assert [str(f.published_on) for f in found] == ["2026-08-20"]


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc.csv", ".hidden.csv", "a%00.csv", "..%5Cetc.csv", "c:a.csv", "a%0A.csv"]
)
def test_unsafe_file_names_are_left_out(name: str) -> None:
    anything = dataset(file_pattern=r"[\s\S]*\.csv")
    read = read_listing(listing([f"/files/2026-09/{name}", JULY]), CBP + LISTING, anything)
    assert [f.url for f in read.files] == [CBP + JULY]
    [sentence] = read.unusable
    assert "unsafe file name" in sentence


def test_broken_markup_does_not_hide_the_links_behind_it() -> None:
    page = f"<![foo bar]]></td></tr><![endif]--><![if !IE]><a href>{listing([JULY])}<![ "
    assert [f.url for f in files_of(page, CBP + LISTING, dataset())] == [CBP + JULY]


@pytest.mark.parametrize(
    ("name", "link", "file_name", "published"),
    [
        (
            "ohss_monthly_tables",
            f"/sites/default/files/2024-06/24-0607_{TABLES}-february-2024.xlsx",
            f"24-0607_{TABLES}-february-2024.xlsx",
            "2024-06-07",
        ),
        (
            "ohss_monthly_tables",
            f"/sites/default/files/2025-01/2025_0116_{TABLES}-november-2024_2.xlsx",
            f"2025_0116_{TABLES}-november-2024_2.xlsx",
            "2025-01-16",
        ),
        (
            "ohss_key_metrics_usbp",
            "/sites/default/files/2024-12/KHSM%20Encounters%20%28USBP%29%20fy25m11.xlsx",
            "KHSM Encounters (USBP) fy25m11.xlsx",
            "2024-12",
        ),
        (
            "ice_detention_statistics",
            "/doclib/detention/FY26_detentionStats_04092026.xlsx",
            "FY26_detentionStats_04092026.xlsx",
            "2026-04-09",
        ),
    ],
)
def test_a_workbook_may_have_its_publication_date_in_its_name(
    name: str, link: str, file_name: str, published: str
) -> None:
    catalogued = load_catalogue()[name]
    [listed] = files_of(f'<a href="{link}">here</a>', catalogued.landing_page, catalogued)
    assert (listed.file_name, str(listed.published_on)) == (file_name, published)


def test_a_date_in_a_name_a_year_before_its_folder_does_not_count() -> None:
    catalogued = load_catalogue()["ohss_monthly_tables"]
    link = f"/sites/default/files/2024-11/2023_1108_{TABLES}-july-2024.xlsx"
    [listed] = files_of(f'<a href="{link}">here</a>', catalogued.landing_page, catalogued)
    assert str(listed.published_on) == "2024-11"


@pytest.mark.parametrize(
    "unit", ["<a ", '<a href="', "<!--", "<![", "</", "<a<", "<a \"'", "<script", "<a x=", "<tr>"]
)
def test_a_hostile_page_takes_time_in_proportion_to_its_length(unit: str) -> None:
    """Ten times the page takes some ten times as long, and not a hundred times. The links behind
    it are still found, or cut off with the rest of an unclosed comment or script."""

    def seconds(length: int) -> float:
        page = unit * (length // len(unit)) + "\n>" + listing([JULY])
        started = time.perf_counter()
        files_of(page, CBP + LISTING, dataset())
        return time.perf_counter() - started

    short = min(seconds(50_000) for _ in range(3))
    assert seconds(500_000) < 60 * max(short, 0.005)


def test_only_so_many_links_of_a_page_are_read_and_the_rest_is_reported() -> None:
    links = [JULY, *(f"/files/2026-08/x-{number}.csv" for number in range(MOST_LINKS + 7)), CLOSED]
    read = read_listing(listing(links), CBP + LISTING, dataset())
    assert [f.url for f in read.files] == [CBP + JULY]
    [sentence] = read.unusable
    assert sentence.startswith(f"found {MOST_LINKS + 11:,} links, expected at most {MOST_LINKS:,}")
