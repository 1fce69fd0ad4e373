"""The state of the data: releases, freshness, gates, rejected rows, holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import duckdb

from orchestration.catalogue.dataset import Dataset
from orchestration.report.exhibit import Row, rows_of
from orchestration.report.tables import Table, table_of
from orchestration.wording import counted

# a day that only the month is known of is shown as the month
PUBLISHED = "left(published_on::varchar, if(published_precision = 'month', 7, 10))"
DATASETS = f"""\
select any_value(dataset_title) as title, any_value(publisher) as publisher,
  count(*) filter (where verdict = 'accepted') as releases,
  max(published_on) filter (where verdict = 'accepted') as newest_day,
  arg_max({PUBLISHED}, published_on) filter (where verdict = 'accepted') as "newest published",
  strftime(max(last_month) filter (where verdict = 'accepted'), '%Y-%m') as "last month", dataset
from meta.releases group by dataset order by dataset"""
PROBLEMS = f"""\
select file_name as file, verdict, held_tables as "held tables", reason,
  {PUBLISHED} as published, dataset, release_id as release
from meta.releases where verdict <> 'accepted' or held_tables is not null
order by verdict, dataset, published_on"""
GATES = """\
select stage, count(*) as checks, count(*) filter (where status = 'passed') as passed,
  count(*) filter (where status = 'failed') as failed,
  count(*) filter (where status = 'not applicable') as "not applicable"
from meta.gate_results group by stage order by min(rowid)"""
WARNINGS = """\
select "table", "check", severity, unexpected_count as rows, notes from meta.gate_results
where status = 'failed' order by 1, 2"""
REJECTED = """\
select dataset, release_id as release, count(*) as rows, any_value(reason) as reason
from meta.rejected_rows group by dataset, release_id order by dataset, release_id"""
CORRECTIONS = """\
select name, reason, rows, source, dataset, release_id as release from meta.corrections
order by name, release_id"""
RELEASES = f"""\
select file_name as file, {PUBLISHED} as published, verdict, rows,
  strftime(first_month, '%Y-%m') as "first month", strftime(last_month, '%Y-%m') as "last month",
  dataset, release_id as release,
  if(source_url_is_inferred, landing_page, coalesce(source_url, landing_page)) as url
from meta.releases order by dataset, published_on desc, release_id"""


@dataclass(frozen=True)
class Part:
    """A table of the page, with its title; `name` is its anchor."""

    name: str
    title: str
    caption: str
    table: Table


def sentence(connection: duckdb.DuckDBPyConnection) -> str:
    """How the build stands, in one sentence."""
    [row] = rows_of(
        connection,
        "select count(*) filter (where verdict = 'accepted') as accepted,"
        " count(*) filter (where verdict = 'held') as held,"
        " count(*) filter (where verdict = 'refused') as refused from meta.releases",
    )
    [gates] = rows_of(
        connection,
        "select count(*) filter (where status <> 'not applicable') as checks,"
        " count(*) filter (where status = 'failed') as failed,"
        " count(*) filter (where status = 'not applicable') as others from meta.gate_results",
    )
    return (
        f"{counted(row['accepted'], 'release')} in this build, {row['held']} held, "
        f"{row['refused']} refused; {counted(gates['checks'], 'check')} ran, "
        f"{gates['failed']} failed, {gates['others']} do not apply."
    )


def parts(
    connection: duckdb.DuckDBPyConnection, catalogue: Mapping[str, Dataset]
) -> Iterator[Part]:
    """The tables of the page."""
    datasets = [_with_due_day(row, catalogue) for row in rows_of(connection, DATASETS)]
    yield Part(
        "datasets",
        "Datasets",
        "When the newest release of each was published, and by when the next one is due. None is "
        "due of a dataset that comes with this project, or that has no rhythm.",
        table_of(datasets),
    )
    for name, title, caption, sql in (
        (
            "problems",
            "Releases that need attention",
            "Held: in no table until a person decides. Refused: kept in quarantine.",
            PROBLEMS,
        ),
        (
            "gates",
            "Checks",
            "A failed critical check stops a run, so that none is published with one.",
            GATES,
        ),
        ("warnings", "Checks that failed with a warning", "", WARNINGS),
        (
            "rejected",
            "Rejected rows",
            "Published rows that cannot be typed, or that a correction leaves out.",
            REJECTED,
        ),
        ("corrections", "Corrections of publishers' errors", "", CORRECTIONS),
        ("releases", "Releases", "Every release in the archive.", RELEASES),
    ):
        yield Part(name, title, caption, table_of(rows_of(connection, sql)))


def _with_due_day(row: Row, catalogue: Mapping[str, Dataset]) -> Row:
    """The row with the last day on which the dataset's next release is not overdue."""
    newest = row["newest_day"]
    dataset = catalogue.get(row["dataset"])
    days = dataset.overdue_days if dataset else None
    due = newest + timedelta(days=days) if newest and days is not None else None
    shown = {name: cell for name, cell in row.items() if name != "newest_day"}
    return {**shown, "next due by": due}
