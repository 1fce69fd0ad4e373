"""Datasets: one YAML file each, validated when it is loaded.

What belongs here: the model of everything known of a dataset before a release of it is opened.
"""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from orchestration.catalogue import file_names
from orchestration.settings import DATASETS, ConfigurationError
from orchestration.yaml_text import read_yaml

Cut = Literal["southwest", "area", "state"]
Kind = Literal[
    "fiscal_year",
    "year",
    "month_name",
    "month",
    "month_number",
    "date",
    "period",
    "published_on",
    "count",
    "figure",
    "mean",
    "people",
    "coverage",
    "label",
    "name",
    "text",
]
Reader = Literal[
    "cbp_custody_pages",
    "cbp_encounters",
    "ice_detention_statistics",
    "monthly_figures",
    "ohss_key_metrics",
    "ohss_monthly_tables",
    "ohss_web_table",
    "statements",
    "yearly_figures",
]

# in a rule on sums: the column from which a figure is, and whether its row is of a month or a year
FIGURE_COLUMN, SPAN = "figure_column", "span"
TIMES: tuple[Kind, ...] = ("fiscal_year", "month", "month_name", "month_number")


class Column(BaseModel):
    """One column of a release, and what its cells may contain.

    headers: the names under which it has been published.
    vocabulary: the dimension that lists the labels, for kinds `label` and `month_name`.
    optional: a cell may be empty, which reads `Not broken down` downstream.
    absent: the file may lack the column; then all its cells are empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    headers: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    vocabulary: str | None = None
    optional: bool = False
    absent: bool = False
    description: str

    @model_validator(mode="after")
    def _labels_have_a_vocabulary(self) -> "Column":
        if (self.kind in ("label", "month_name")) != (self.vocabulary is not None):
            raise ValueError("a vocabulary goes with kind label or month_name, and only with them")
        return self


class TableVocabulary(BaseModel):
    """The dimensions that list the headings of a table, by the column that holds them.

    heading_group: None: the table is read without its merged headings.
    names: a heading that `label` does not list is a name, such as a citizenship; but one that
        looks like a total must be listed.
    noted: a heading that is not listed, or that is there twice, is a note on the release, and
        the facts leave the table out; otherwise the table is not read, and the workbook is refused
        if it is required. For tables that only optional facts are made of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    heading_group: str | None = None
    label: str
    names: bool = False
    noted: bool = False


class Axes(BaseModel):
    """How the cells of a table are labelled, for a table of which each cell is a figure of its own.

    rows, columns, groups: the dimensions that list the labels of its rows, of its columns, and of
        the groups into which its rows are divided. A total has the label `total`.
    group_column: the groups' labels are in a column of their own, before the rows'.
    nested: the groups are rows with their rows below them, of which they are the sums.
    open: the axes on which an unlisted label counts under its own name, as long as the parts add
        up to the total. On another axis the table with an unlisted label is not read.
    subtotals: labels of groups that are sums of other groups.
    figures: `count`; `mean` of people, whose parts add up as well; `days`, whose parts do not.
    dated_by: what the footnote with the last day of its data is about.
    snapshot: the figures are of that day, which may be some days after the fiscal year.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: str
    columns: str
    groups: str | None = None
    group_column: bool = False
    nested: bool = False
    open: tuple[Literal["rows", "groups"], ...] = ()
    subtotals: tuple[str, ...] = ()
    figures: Literal["count", "mean", "days"] = "count"
    dated_by: tuple[str, ...] = ()
    snapshot: bool = False


class Table(BaseModel):
    """One table of a workbook or a page, found by its title or by its headings.

    title: the beginnings of the titles under which it has been published.
    headings: the columns of its sheet, for workbooks whose tables have no title.
    required: a workbook without it is refused.
    series: the columns that facts are made of: a name for each, and the headings under which
        it has been published; `A > B` is heading B under the merged heading A.
    needs: the series that the table must have.
    remainder: the labels of the column for everybody whom the others do not name. A table that
        has one is a breakdown: its other columns are labels, which change from release to
        release, and with them the meaning of the remainder.
    vocabulary: for a table whose headings are labels of the vocabulary, the dimension of its
        merged headings and that of the headings below them. With an unlisted heading the table
        is not read, or noted.
    axes: for a table of which each cell is labelled by its row and its column.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    required: bool = False
    series: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()
    remainder: tuple[str, ...] = ()
    vocabulary: TableVocabulary | None = None
    axes: Axes | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> "Table":
        if bool(self.title) == bool(self.headings):
            raise ValueError(f"table {self.name!r}: expected either a title or headings")
        if unknown := sorted(set(self.needs) - set(self.series)):
            raise ValueError(f"table {self.name!r} needs {unknown}, which series lacks")
        return self


class Sum(BaseModel):
    """Figures of a release that add up to another of its figures.

    name: what the parts are, for messages: `the actions`.
    total, parts: which figures, by the labels of their columns; `figure_column` stands for the
        column of the figure, and `span` is `year` for a row without a month, else `month`. A
        figure of the total is none of the parts.
    by: the columns that have one value in a sum; `month_start` is the row's month.
    rounded_to: what each figure is rounded to; 1: not rounded.
    within: how far a sum may be off besides what rounding explains, in people.
    some: the parts are only some of the total's, so that they may be fewer.
    where_both: a total without any part is not compared: a table may be shorter than another.
    where_total: parts without a total are not compared: a copy may lack the row of totals.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    total: dict[str, tuple[str, ...]]
    parts: dict[str, tuple[str, ...]]
    by: tuple[str, ...] = Field(min_length=1)
    rounded_to: int = Field(default=1, ge=1)
    within: int = Field(default=0, ge=0)
    some: bool = False
    where_both: bool = False
    where_total: bool = False


class Alike(BaseModel):
    """Labels between which a publisher has moved rows, and which are compared as one.

    when: the rows it applies to, by the labels of other columns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    labels: tuple[str, ...] = Field(min_length=2)
    when: dict[str, tuple[str, ...]]


class RevisionLimits(BaseModel):
    """How much a release may revise the figures of the release before it. A release that goes
    beyond a limit is held. Percentages are of the month's total; with `total_of`, of the total
    of the label in question.

    closed_year_percent: for a month of a fiscal year that the release before covers to its end.
    open_month_percent: for a month of a fiscal year that was still open then. A year to date
        may fall by this much.
    cell_percent: for one cell.
    newest_months, newest_months_percent: for the last so many months of the release before,
        which a system of record revises most, in total and in one cell.
    relabelled_percent: how many of a month's people may be in another category than before, in
        a month of an open year; in a closed year also not more than closed_year_percent.
    alike: relabellings of the publisher that are known.
    rows_lost_percent: cells that may be missing, of those in the months that both cover.
    year_growth_times: a year to date may grow, per day, at most this many times as fast as it
        did until the release before; None: no limit.
    people: a change of at most this many people is always allowed, for rounded figures.
    only: labels of the rows to compare, by column; default: every row.
    labels: the columns that identify a cell within a month; default: those of `cell`.
    total_of: columns whose labels each have a total of their own; default: one total a month.
    covered_through: the column with the last day that a year's figures cover; default: a year
        is covered to its end once a release has its September.
    detail_varies: releases break down their months differently, so that the numbers of rows of
        two releases cannot be compared; nor do all their tables have the same months.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    closed_year_percent: float = Field(ge=0)
    open_month_percent: float = Field(ge=0)
    cell_percent: float = Field(ge=0)
    newest_months: int = Field(default=0, ge=0)
    newest_months_percent: float = Field(default=0, ge=0)
    relabelled_percent: float = Field(default=1, ge=0)
    alike: tuple[Alike, ...] = ()
    rows_lost_percent: float = Field(ge=0, le=100)
    year_growth_times: float | None = Field(default=None, gt=1)
    people: int = Field(default=0, ge=0)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    labels: tuple[str, ...] | None = None
    total_of: tuple[str, ...] = ()
    covered_through: str | None = None
    detail_varies: bool = False

    def wider(self, other: "RevisionLimits") -> "RevisionLimits":
        """These limits for totals without labels, each as wide as the wider of both; a year's
        growth has the limit of this one."""
        return self.model_copy(
            update={
                "closed_year_percent": max(self.closed_year_percent, other.closed_year_percent),
                "open_month_percent": max(self.open_month_percent, other.open_month_percent),
                "newest_months": max(self.newest_months, other.newest_months),
                "newest_months_percent": max(
                    self.newest_months_percent, other.newest_months_percent
                ),
                "relabelled_percent": max(self.relabelled_percent, other.relabelled_percent),
                "people": max(self.people, other.people),
                "labels": (),
                "total_of": (),
                "only": {},
            }
        )


class Steady(BaseModel):
    """Labels of which each keeps about its size from month to month.

    by: the column of the labels, after the columns within which they are counted.
    times: how many times as large, or as small, a label may become as in each of the three
        months before; more if it has moved further in its own past.
    tables: the tables of a workbook that it is about; default: all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: tuple[str, ...] = Field(min_length=1)
    times: float = Field(gt=1)
    tables: tuple[str, ...] = ()


class NewMonths(BaseModel):
    """How much a month that no release had before may differ from the months before it. A
    release with a month that goes beyond a limit is held. None: no limit.

    total_times: the month may have at most this many times the people of the largest of the
        twelve months before, and at least that part of the smallest.
    missed_percent: a label with at least so many percent of the people of each of the three
        months before must be in it.
    steady: columns whose labels keep about their size.
    mix_percent, cells_percent: how many of the month's people may be in other labels of a
        column, or in other cells, than in the most similar of the three months before.
    cell_percent: a cell that is four times as large or as small as in the three months before may
        be so by this much of the month's people.
    only: labels of the rows to look at, by column; default: every row.

    In the months of known events, which `events` lists, only copies are looked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    total_times: float | None = Field(default=None, gt=1)
    missed_percent: float | None = Field(default=None, gt=0)
    steady: tuple[Steady, ...] = ()
    mix_percent: float | None = Field(default=None, gt=0, lt=100)
    cells_percent: float | None = Field(default=None, gt=0, lt=100)
    cell_percent: float | None = Field(default=None, gt=0, lt=100)
    only: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class UrlPattern(BaseModel):
    """Where a publisher has put its files for some time, for a file that no listing linked.

    url: with `{file_name}`, and of its publication `{year}`, `{month}` (09) or `{month_name}`
        (Sep).
    since, until: the first and last publication of which that is known; None: no limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(pattern=r"^https://.*\{file_name\}$")
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _has_known_placeholders(self) -> "UrlPattern":
        try:
            self._filled("x", date.max)
        except (KeyError, IndexError) as error:
            known = "{file_name}, {year}, {month}, {month_name}"
            raise ValueError(f"found {{{error.args[0]}}}, expected {known}") from error
        return self

    def of(self, file_name: str, published_on: date) -> str | None:
        """Return the URL that a file has by this pattern; None if it is of another time."""
        if published_on < (self.since or date.min) or published_on > (self.until or date.max):
            return None
        return self._filled(file_name, published_on)

    def _filled(self, file_name: str, published_on: date) -> str:
        return self.url.format(
            file_name=quote(file_name),
            year=published_on.year,
            month=f"{published_on:%m}",
            month_name=file_names.MONTHS[published_on.month - 1].capitalize(),
        )


class Dataset(BaseModel):
    """One dataset of the catalogue. docs/add-a-dataset.md describes each field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    publisher: str
    landing_page: str = Field(pattern=r"^https://")
    file_pattern: str
    file_examples: tuple[str, ...] = Field(min_length=1)
    names_lag: bool = False
    url_patterns: tuple[UrlPattern, ...] = ()
    page_column: str | None = None
    cut: Cut | None = None
    reader: Reader
    bundled: bool = False
    cadence: str
    overdue_days: int | None = Field(gt=0)
    licence: str
    meaning: str
    reads: str | None = None
    traps: tuple[str, ...]
    columns: dict[str, Column]
    tables: tuple[Table, ...] = ()
    unread_tables: tuple[str, ...] = ()
    cell: tuple[str, ...] = Field(min_length=1)
    complete_by: tuple[str, ...] = ()
    rejected_rows: int = Field(default=0, ge=0)
    not_people: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sums: tuple[Sum, ...] = ()
    shared_totals: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)
    revisions: RevisionLimits | None
    new_months: NewMonths | None = None

    @model_validator(mode="after")
    def _refers_to_itself(self) -> "Dataset":
        for name in (*self.cell, *self.complete_by, *self.not_people):
            if name not in self.columns:
                raise ValueError(
                    f"cell, complete_by and not_people name {name!r}, which columns lacks"
                )
        if self.bundled and self.overdue_days is not None:
            raise ValueError(
                f"overdue_days: found {self.overdue_days} for a bundled dataset, expected null: "
                "no release of it is to come"
            )
        for rule in self.sums:
            known = {*self.columns, FIGURE_COLUMN, SPAN, "month_start"}
            if unknown := sorted({*rule.by, *rule.total, *rule.parts} - known):
                raise ValueError(f"sums: {rule.name}: found {unknown}, which columns lacks")
        self._check_revisions()
        for example in self.file_examples:
            try:
                fits = re.fullmatch(self.file_pattern, example, re.IGNORECASE)
            except re.error as error:
                raise ValueError(f"file_pattern {self.file_pattern!r}: {error}") from error
            if not fits:
                raise ValueError(f"file_pattern does not match its example {example!r}")
        return self

    @model_validator(mode="after")
    def _says_what_is_read(self) -> "Dataset":
        if self.page_column is not None and self.page_column not in self.columns:
            raise ValueError(f"page_column names {self.page_column!r}, which columns lacks")
        if bool(self.tables) != (self.reads is not None):
            raise ValueError("reads: goes with tables, and only with them: which part is read")
        return self

    def _check_revisions(self) -> None:
        limits = self.revisions
        if limits is None:
            if self.shared_totals:
                raise ValueError("shared_totals need limits on revisions")
            return
        named = {name for labels in self.shared_totals.values() for name in labels}
        if unknown := sorted(named - {*self.revised_labels, "series"}):
            raise ValueError(f"shared_totals: found {unknown}, which are not labels of a cell")
        through = () if limits.covered_through is None else (limits.covered_through,)
        alike = (name for rule in limits.alike for name in (rule.column, *rule.when))
        for name in (*self.revised_labels, *limits.total_of, *limits.only, *through, *alike):
            if name not in self.columns:
                raise ValueError(f"revisions names {name!r}, which columns lacks")
        if outside := sorted({*limits.total_of, *limits.only} - set(self.revised_labels)):
            raise ValueError(f"revisions: found {outside}, which are not labels of a cell")
        self._check_new_months()

    def _check_new_months(self) -> None:
        if self.new_months is None:
            return
        counted = {name for rule in self.new_months.steady for name in rule.by}
        if outside := sorted(counted - {*self.revised_labels, "series"}):
            raise ValueError(f"new_months: found {outside}, which are not labels of a cell")
        named = {name for rule in self.new_months.steady for name in rule.tables}
        if unknown := sorted(named - {table.name for table in self.tables}):
            raise ValueError(f"new_months: found {unknown}, which tables lacks")

    @property
    def revised_labels(self) -> tuple[str, ...]:
        """Return the columns that identify a cell within a month or a fiscal year."""
        if self.revisions is not None and self.revisions.labels is not None:
            return self.revisions.labels
        return tuple(
            name
            for name in self.cell
            if name in self.columns
            and self.columns[name].kind not in TIMES
            and name != "month_name"
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """Return what a suite can need: the dataset, and as `dataset.table` its tables."""
        return self.name, *(f"{self.name}.{table.name}" for table in self.tables)

    @property
    def rows_in_words(self) -> str:
        """Say which cells of a release become rows of the raw table."""
        if self.reads is None:
            return "every cell"
        names = ", ".join(table.name for table in self.tables)
        return f"{self.reads.replace('{tables}', names)}; the rest stays in the archived file"

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the columns of figures by which two releases can be compared."""
        return tuple(n for n, column in self.columns.items() if column.kind in ("count", "figure"))

    def recognises(self, file_name: str) -> bool:
        """Whether a name is one that the publisher gives, or that of a copy."""
        return file_names.match(self.file_pattern, file_name) is not None

    def inferred_url(self, file_name: str, published_on: date) -> str | None:
        """Where the publisher has put a file of this name, by its habits at the time of the
        publication; None where they are not known, or the name is not the dataset's."""
        name = file_names.published_name(self.file_pattern, file_name)
        if name is None:
            return None
        urls = (pattern.of(name, published_on) for pattern in self.url_patterns)
        return next((url for url in urls if url), None)

    def span_in_name(self, file_name: str) -> tuple[int, int | None] | None:
        """What a name such as `…-fy22-fy25-nov.csv`, `…-july-2024.xlsx` or `… fy25m11.xlsx`
        promises: the last fiscal year and, if it is named, the last month (1 to 12). None if the
        name has neither."""
        return file_names.span_of(file_names.match(self.file_pattern, file_name) or {})

    def first_year_in_name(self, file_name: str) -> int | None:
        """The first fiscal year that a name such as `…-fy22-fy25-nov.csv` promises."""
        return file_names.first_year_of(file_names.match(self.file_pattern, file_name) or {})

    def publication_in_name(
        self, file_name: str, published_on: date | None = None
    ) -> tuple[date | None, str | None]:
        """The publication date in a name such as `2024_1108_ohss_….xlsx` or
        `FY26_detentionStats02022026.xlsx`, and a note on a date that is not believed.

        published_on: the date that the listing or the folder gives.
        """
        groups = file_names.match(self.file_pattern, file_name) or {}
        return file_names.publication_of(groups, published_on)


@cache
def load_catalogue(folder: Path = DATASETS) -> dict[str, Dataset]:
    """Read every dataset, by name and in the order of the names. Raises ConfigurationError that
    gives the file and the field."""
    return {dataset.name: dataset for dataset in map(_load, sorted(folder.glob("*.yaml")))}


def _load(path: Path) -> Dataset:
    try:
        dataset = Dataset.model_validate(read_yaml(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    if dataset.name != path.stem:
        raise ConfigurationError(
            f"{path.name}: found name {dataset.name!r}, expected {path.stem!r}"
        )
    return dataset
