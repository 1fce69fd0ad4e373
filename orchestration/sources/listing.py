"""A publisher's listing page: the files that it links, and when each was published.

What belongs here: pure functions over a page's HTML. Nothing is requested here.
"""

import logging
import re
from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.file_names import MONTHS
from orchestration.releases.publication import PublicationDate
from orchestration.sources.host import file_name_of, origin, resolve

log = logging.getLogger(__name__)

LONGEST_NAME = 200


@dataclass(frozen=True)
class ListedFile:
    """A file that a listing links to, and when it was published."""

    url: str
    file_name: str
    published_on: PublicationDate


def listed_files(page: str, page_url: str, dataset: Dataset) -> list[ListedFile]:
    """Return the files of this dataset that a listing links to, one per URL, oldest first. A
    file with a matching name that cannot be used (other host, unsafe name, no date) is logged
    and left out."""
    links = _Links(page_url)
    links.feed(page)
    links.close()
    publisher = origin(dataset.landing_page)
    found: list[ListedFile] = []
    for url, table_date in links.dates.items():
        file_name = file_name_of(url)
        if not re.fullmatch(dataset.file_pattern, file_name, re.IGNORECASE):
            continue
        day = table_date or dataset.publication_in_name(file_name)[0]
        published_on = PublicationDate(day, "day") if day else _date_of_folder(url)
        if publisher is None or origin(url) != publisher:
            log.warning("%s: refused, expected a link to %s", url, dataset.landing_page)
        elif not _is_safe(file_name):
            log.warning("%s: refused, found the unsafe file name %r", url, file_name)
        elif published_on is None:
            log.warning(
                "%s: skipped, found no publication date, expected one in the table of "
                "attachments, in the file's name or in the URL's folder",
                url,
            )
        else:
            found.append(ListedFile(url, file_name, published_on))
    found.reverse()  # The listing is newest first; the sort keeps the order within a day.
    return sorted(found, key=lambda listed: listed.published_on.on)


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
