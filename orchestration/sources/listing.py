"""A publisher's listing page: the files that it links, and when each was published.

What belongs here: pure functions over a page's HTML. Nothing is requested here.
"""

import html
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from urllib.parse import urlsplit

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.file_names import MONTHS
from orchestration.printable import printable
from orchestration.releases.publication import PublicationDate
from orchestration.sources.urls import file_name_of, origin, resolve

log = logging.getLogger(__name__)

LONGEST_NAME = 200
MOST_LINKS = 5_000  # CBP's longest page has some 300, menus included
# possessive, and an attribute never runs beyond the next `<`: nothing is scanned twice
TAG = re.compile(
    r"(?P<comment><!--)|<(?P<end>/?)(?P<name>a|table|t[rdh]|script|style)(?![\w:-])"
    r"""(?P<attributes>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(
    r"""(?<![\w:-])(?P<key>[\w:-]++)\s*+=\s*+"""
    r"""(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\s"'<>]++))"""
)
DATA_FILES = (".csv", ".ods", ".xls", ".xlsb", ".xlsm", ".xlsx", ".zip")


@dataclass(frozen=True)
class ListedFile:
    """A file that a listing links to, and when it was published; None if neither the listing nor
    its name or its folder says so."""

    url: str
    file_name: str
    published_on: PublicationDate | None


@dataclass(frozen=True)
class Listing:
    """What a listing links to.

    files: the files of one dataset, one per URL, oldest first.
    unusable: a sentence for each of its files that cannot be used.
    unmatched: the names of the data files that no dataset of the page has.
    """

    files: list[ListedFile]
    unusable: list[str]
    unmatched: list[str]


def read_listing(
    page: str, page_url: str, dataset: Dataset, siblings: Sequence[Dataset] = ()
) -> Listing:
    """Read a dataset's files off a listing. siblings: the datasets listed on the same page."""
    found: list[ListedFile] = []
    unusable: list[str] = []
    unmatched: list[str] = []
    dates = _dates_of_links(page, page_url)
    if len(dates) > MOST_LINKS:
        unusable.append(
            f"found {len(dates):,} links, expected at most {MOST_LINKS:,}: only the first "
            f"{MOST_LINKS:,} were read"
        )
    for url, table_date in islice(dates.items(), MOST_LINKS):
        file_name = file_name_of(url)
        if dataset.recognises(file_name):
            listed = _listed(url, file_name, table_date, dataset)
            if isinstance(listed, ListedFile):
                found.append(listed)
            else:
                unusable.append(listed)
        elif _is_data_file(url) and not any(sibling.recognises(file_name) for sibling in siblings):
            unmatched.append(printable(file_name))
    found.reverse()  # The listing is newest first; the sort keeps the order within a day.
    files = sorted(found, key=_day_of)
    return Listing(files, unusable, list(dict.fromkeys(unmatched)))


def _day_of(listed: ListedFile) -> date:
    """When a file was published. One without a date is of a closed year, thus among the oldest."""
    return date.min if listed.published_on is None else listed.published_on.on


def _is_data_file(url: str) -> bool:
    """Whether a link leads to a file of figures at a host; `mailto:a@example.csv` does not."""
    return bool(urlsplit(url).netloc) and file_name_of(url).strip().lower().endswith(DATA_FILES)


def _listed(
    url: str, file_name: str, table_date: date | None, dataset: Dataset
) -> ListedFile | str:
    """The file behind a link, or why it cannot be used."""
    publisher = origin(dataset.landing_page)
    folder = _date_of_folder(url)
    day = table_date or dataset.publication_in_name(file_name, folder.on if folder else None)[0]
    published_on = PublicationDate(day, "day") if day else folder
    if publisher is None or origin(url) != publisher:
        return f"found a link to {printable(url)}, expected one to {dataset.landing_page}"
    if not _is_safe(file_name):
        return f"{printable(url)}: found the unsafe file name {file_name!r}"
    return ListedFile(url, file_name, published_on)


def _dates_of_links(page: str, page_url: str) -> dict[str, date | None]:
    """The date of each URL that a page links to, in the order of the page: the one in its table
    row; None for a link outside a dated row."""
    dates: dict[str, date | None] = {}
    row_urls: list[str] = []
    row_date: date | None = None
    in_row = False

    def end_row() -> None:
        for url in row_urls if row_date is not None else ():
            known = dates[url]
            dates[url] = row_date if known is None or row_date is None else max(row_date, known)

    for tag, is_end, attributes in _tags(page):
        if tag in ("tr", "table"):
            end_row()
            row_urls, row_date, in_row = [], None, tag == "tr" and not is_end
        if is_end:
            continue
        if tag == "a" and (url := resolve(page_url, attributes.get("href", ""))) is not None:
            dates.setdefault(url, None)
            if in_row:
                row_urls.append(url)
        found = _date_of_cell(attributes.get("data-sort-value", ""))
        if found is not None:
            # Of two dates in a row the later one, so that nothing counts as known too early.
            row_date = max(found, row_date or found)
    end_row()
    return dates


def _tags(page: str) -> Iterator[tuple[str, bool, dict[str, str]]]:
    """The tags of a page that matter here, in order: name, whether it is an end tag, attributes.
    Comments and scripts are skipped. Takes time in proportion to the page, whatever is in it,
    which `html.parser` does not: 40 kB of unclosed tags took it half a minute."""
    position = 0
    while (found := TAG.search(page, position)) is not None:
        position = found.end()
        if found["comment"] is not None:
            end = page.find("-->", position)
            position = len(page) if end < 0 else end
            continue
        name = found["name"].lower()
        if name in ("script", "style"):
            end_tag = re.compile(f"</{name}", re.IGNORECASE).search(page, position)
            position = len(page) if end_tag is None else end_tag.end()
            continue
        attributes: dict[str, str] = {}
        for attribute in ATTRIBUTE.finditer(found["attributes"]):
            text = attribute["double"] or attribute["single"] or attribute["bare"] or ""
            attributes.setdefault(attribute["key"].lower(), html.unescape(text))
        yield name, bool(found["end"]), attributes


def _date_of_cell(sort_value: str) -> date | None:
    """Parse `09/04/2026`, month first. None for other sort values, such as a file's size."""
    if not re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", sort_value.strip()):
        return None
    try:
        return datetime.strptime(sort_value.strip(), "%m/%d/%Y").date()
    except ValueError:
        log.warning("found the date %r, expected MM/DD/YYYY", sort_value)
        return None


def _date_of_folder(url: str) -> PublicationDate | None:
    """Return the month of the folder nearest to the file that names one: `2026-09`, `2023-Nov`."""
    for folder in reversed(urlsplit(url).path.split("/")[:-1]):
        found = re.fullmatch(r"(20[0-9]{2})-(?:(0[1-9]|1[0-2])|([a-z]{3,9}))", folder.lower())
        if found is None:
            continue
        year, number, name = found.groups()
        if number is None and name[:3] not in MONTHS:
            continue
        return PublicationDate.parse(f"{year}-{number or f'{MONTHS.index(name[:3]) + 1:02}'}")
    return None


def _is_safe(file_name: str) -> bool:
    """Whether a file of this name can only end up inside the folder it is written to."""
    return (
        file_name.isprintable()
        and not file_name.startswith(".")
        and not re.search(r"[/\\:]", file_name)
        and 0 < len(file_name.encode("utf-8", errors="replace")) <= LONGEST_NAME
    )
