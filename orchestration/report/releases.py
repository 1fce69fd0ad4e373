"""The releases that a figure is from, as a reader would cite them."""

from dataclasses import dataclass
from datetime import date

import duckdb


@dataclass(frozen=True)
class Source:
    """An accepted release.

    published: the day in words, or the month where only that is known.
    url: of the file, or of the page on which the publisher lists its releases.
    """

    release_id: str
    publisher: str
    title: str
    file_name: str
    published: str
    url: str

    @property
    def short(self) -> str:
        return f"{self.publisher}, {self.file_name}, published {self.published}"


def sources(connection: duckdb.DuckDBPyConnection) -> dict[str, Source]:
    """The accepted releases of a published file, by id. A URL that was only inferred is not named:
    nobody has followed it."""
    found = connection.execute(
        "select release_id, publisher, dataset_title, file_name, published_on,"
        " published_precision, case when source_url_is_inferred then landing_page"
        " else coalesce(source_url, landing_page) end from dim_release order by release_id"
    ).fetchall()
    return {
        release_id: Source(
            release_id, publisher, title, name, in_words(day, precision), web_address(url)
        )
        for release_id, publisher, title, name, day, precision, url in found
    }


def web_address(url: str | None) -> str:
    """A URL that a page may link; empty for any that is not of the web, such as one that would run
    a script."""
    return url if url is not None and url.startswith(("https://", "http://")) else ""


def in_words(day: date, precision: str = "day") -> str:
    """A day as `16 September 2024`, or its month."""
    return f"{day:%B %Y}" if precision == "month" else f"{day.day} {day:%B %Y}"
