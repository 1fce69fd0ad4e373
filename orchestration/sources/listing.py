"""A publisher's listing page: the files that it links, and when each was published.

What belongs here: pure functions over a page's HTML. Nothing is requested here.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.file_names import MONTHS
from orchestration.printable import printable
from orchestration.releases.publication import PublicationDate
from orchestration.sources.host import file_name_of, origin, resolve

log = logging.getLogger(__name__)

LONGEST_NAME = 200
DATA_FILES = (".csv", ".ods", ".xls", ".xlsb", ".xlsm", ".xlsx", ".zip")


@dataclass(frozen=True)
class ListedFile:
    """A file that a listing links to, and when it was published."""

    url: str
    file_name: str
    published_on: PublicationDate


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
    links = _Links(page_url)
    links.feed(page)
    links.close()
    found: list[ListedFile] = []
    unusable: list[str] = []
    unmatched: list[str] = []
    for url, table_date in links.dates.items():
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
    files = sorted(found, key=lambda listed: listed.published_on.on)
    return Listing(files, unusable, list(dict.fromkeys(unmatched)))


def _is_data_file(url: str) -> bool:
    """Whether a link leads to a file of figures at a host; `mailto:a@example.csv` does not."""
    return bool(urlsplit(url).netloc) and file_name_of(url).strip().lower().endswith(DATA_FILES)


def _listed(
    url: str, file_name: str, table_date: date | None, dataset: Dataset
) -> ListedFile | str:
    """The file behind a link, or why it cannot be used."""
    publisher = origin(dataset.landing_page)
    day = table_date or dataset.publication_in_name(file_name)[0]
    published_on = PublicationDate(day, "day") if day else _date_of_folder(url)
    if publisher is None or origin(url) != publisher:
        return f"found a link to {printable(url)}, expected one to {dataset.landing_page}"
    if not _is_safe(file_name):
        return f"{printable(url)}: found the unsafe file name {file_name!r}"
    if published_on is None:
        return (
            f"{printable(url)}: found no publication date, expected one in the table of "
            "attachments, in the file's name or in the URL's folder"
        )
    return ListedFile(url, file_name, published_on)


class _Links(HTMLParser):
    """Collects the links of a page in order, each with the date of its table row.

    dates: the date by URL; None for a link outside a dated row.
    """

    def __init__(self, page_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.dates: dict[str, date | None] = {}
        self._page_url = page_url
        self._row_urls: list[str] | None = None
        self._row_date: date | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "tr":
            self._end_row()
            self._row_urls = []
        url = resolve(self._page_url, values.get("href") or "") if tag == "a" else None
        if url is not None:
            self.dates.setdefault(url, None)
            if self._row_urls is not None:
                self._row_urls.append(url)
        found = _date_of_cell(values.get("data-sort-value") or "")
        if found is not None:
            # Of two dates in a row the later one, so that nothing counts as known too early.
            self._row_date = max(found, self._row_date or found)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("tr", "table"):
            self._end_row()

    def close(self) -> None:
        super().close()
        self._end_row()

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Skip `<![…]>`; html.parser raises AssertionError on some of them."""
        return self.parse_bogus_comment(i)

    def _end_row(self) -> None:
        for url in self._row_urls or ():
            known = self.dates[url]
            if self._row_date is not None:
                self.dates[url] = max(self._row_date, known or self._row_date)
        self._row_urls = None
        self._row_date = None


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
