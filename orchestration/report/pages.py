"""Putting the report's pages together, from a published file alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import duckdb
import jinja2

from orchestration.catalogue.dataset import Dataset
from orchestration.dictionary.tables import describe
from orchestration.report import dictionary, scripts, state, statements
from orchestration.report.beside import TEMPLATES, Beside
from orchestration.report.charts import SERIES_COLOURS, Spec, charts, series_of
from orchestration.report.downloads import Download
from orchestration.report.exhibit import Exhibit, Row, marks_of, release_ids, rows_of
from orchestration.report.headline import headline
from orchestration.report.releases import Source, in_words, sources
from orchestration.report.subjects import (
    areas,
    custody,
    deportations,
    detention,
    people,
    revisions,
    san_diego,
    southwest,
)
from orchestration.report.tables import Table, csv_of, table_of

SUBJECTS = tuple(
    module.PAGE
    for module in (southwest, areas, people, deportations, detention, custody, san_diego, revisions)
)
MOST_ROWS = 400


@dataclass(frozen=True)
class Link:
    """A page as the navigation has it; `about` is empty where no list has it."""

    file: str
    short: str
    about: str = ""


LINKS = (
    Link("index.html", "Overview"),
    *(Link(subject.file, subject.short, subject.about) for subject in SUBJECTS),
    Link("claims.html", "Statements", "public statements, each with verdict and evidence"),
    Link("data.html", "State of the data", "releases, freshness, checks, what is held"),
    Link(dictionary.FIRST_PAGE, "Dictionary", "every table and column, with source and checks"),
)


@dataclass(frozen=True)
class Plot:
    """One chart: the name of its panel, empty without panels, and its specification."""

    name: str
    spec: Spec


@dataclass(frozen=True)
class Drawn:
    """An exhibit with what it shows of a published file.

    series: their names, in the order of their colours; none where there is only one.
    last: the newest figure in words; empty where there are several charts.
    """

    exhibit: Exhibit
    rows: Sequence[Row]
    plots: tuple[Plot, ...]
    series: tuple[str, ...]
    sources: tuple[Source, ...]
    last: str

    @property
    def finding(self) -> str:
        finding = self.exhibit.finding
        return finding(self.rows) if finding and self.rows else ""

    @cached_property
    def table(self) -> Table:
        return table_of(self.rows[::-1][:MOST_ROWS])

    @property
    def rows_left_out(self) -> int:
        return max(0, len(self.rows) - MOST_ROWS)

    @cached_property
    def csv(self) -> str:
        return csv_of(self.rows)


@dataclass(frozen=True)
class Page:
    """A page of the report: its file's name, its HTML, and the exhibits whose CSV it links."""

    file: str
    html: str
    exhibits: tuple[Drawn, ...] = ()


def pages(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Mapping[str, Dataset],
    beside: Sequence[Beside] = (),
) -> Iterator[Page]:
    """Every page of the report on a published file. beside: further documentation below it."""
    render = Renderer(connection)
    cited = sources(connection)
    drawn = {
        subject.file: tuple(draw(connection, exhibit, cited) for exhibit in subject.exhibits)
        for subject in SUBJECTS
    }
    claims = statements.cards(connection)
    first = drawn[southwest.PAGE.file][:1]
    yield render.page(
        "index.html",
        "index.html",
        "US border figures, with their sources",
        first,
        headline=headline(connection, cited),
        verdicts=statements.in_short(claims),
    )
    for subject in SUBJECTS:
        yield render.page(
            "subject.html", subject.file, subject.title, drawn[subject.file], lead=subject.lead
        )
    yield render.page(
        "claims.html",
        "claims.html",
        "Do public statements hold?",
        claims=claims,
        verdicts=statements.in_short(claims),
    )
    yield _state(connection, render, catalogue)
    yield from _dictionary(connection, render, beside)


def data_page(
    connection: duckdb.DuckDBPyConnection,
    catalogue: Mapping[str, Dataset],
    downloads: Sequence[Download] = (),
) -> Page:
    """The state of the data. downloads: where the tables were exported."""
    return _state(connection, Renderer(connection), catalogue, downloads)


def _state(
    connection: duckdb.DuckDBPyConnection,
    render: "Renderer",
    catalogue: Mapping[str, Dataset],
    downloads: Sequence[Download] = (),
) -> Page:
    return render.page(
        "data.html",
        "data.html",
        "State of the data",
        sentence=state.sentence(connection),
        parts=list(state.parts(connection, catalogue)),
        downloads=downloads,
    )


def _dictionary(
    connection: duckdb.DuckDBPyConnection, render: "Renderer", beside: Sequence[Beside]
) -> Iterator[Page]:
    """The list of the tables, and the page of each subject."""
    tables = describe(connection)
    sections = dictionary.sections(tables)
    file = dictionary.FIRST_PAGE
    yield render.page(file, file, "Dictionary of the data", sections=sections, beside=beside)
    by_name = {table.name: table for table in tables if table.schema == "main"}
    for section in sections:
        yield render.page(
            "dictionary_subject.html", section.file, section.title, section=section, by_name=by_name
        )


def draw(
    connection: duckdb.DuckDBPyConnection, exhibit: Exhibit, cited: Mapping[str, Source]
) -> Drawn:
    """Run an exhibit's query, and draw its rows."""
    rows = rows_of(connection, exhibit.sql)
    marks = marks_of(rows, exhibit.reading, cited)
    named = release_ids(rows, exhibit.reading)
    series = series_of(marks)
    newest = "" if exhibit.reading.panel or not marks else max(marks, key=lambda mark: mark.x).says
    return Drawn(
        exhibit,
        rows,
        tuple(Plot(name, spec) for name, spec in charts(exhibit, marks).items()),
        tuple(series) if len(series) > 1 else (),
        tuple(cited[release] for release in named if release in cited),
        newest,
    )


class Renderer:
    """Fills the templates with what every page has."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["code"] = dictionary.with_code
        cast("dict[str, Any]", self._environment.globals).update(
            scripts=scripts.NAME,
            address=dictionary.address,
            result=dictionary.result_in_words,
            colours=SERIES_COLOURS,
        )
        self._environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
        [build] = rows_of(connection, "select build_id, built_at, releases, as_of from meta.builds")
        self._build = {
            **build,
            "built_on": in_words(build["built_at"]),
            "as_of": in_words(build["as_of"]) if build["as_of"] else "",
        }

    def page(
        self, template: str, file: str, title: str, exhibits: tuple[Drawn, ...] = (), **more: Any
    ) -> Page:
        html = self._environment.get_template(template).render(
            file=file,
            title=title,
            pages=LINKS,
            build=self._build,
            exhibits=exhibits,
            plots=any(drawn.plots for drawn in exhibits),
            **more,
        )
        return Page(file, html, exhibits)
