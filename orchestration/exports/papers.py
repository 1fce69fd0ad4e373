"""What lies beside the tables of an export, for whoever gets the folder: README, licence, citation,
and the dictionary of the columns."""

import csv
import io
import json
from collections.abc import Sequence

from orchestration.exports.files import TableFiles, is_nested
from orchestration.exports.package import CONTRIBUTORS, LICENCE_FILE, TITLE
from orchestration.exports.tables import About

README = """\
# {title}

Build `{build}` of Borderledger, {day}. {count} tables, each twice in `data/`: as CSV (UTF-8, with
a header) and as Parquet, with the same rows in the same order.

- `dictionary.csv`: every column with its type, unit, meaning and place in the key.
- `datapackage.json`: the same for programs (datapackage.org, version 2), with each file's digest.
- `CITATION.cff`: how to cite this build. `{licence}`: what you may do with it.

## How the files are written

- Months are dates, the first day of the month. Dates are ISO, numbers have no thousands separator.
- In CSV an empty field is no value (NULL). Where a text column has empty texts as well,
  `missingValues` in `datapackage.json` says how NULL is written there{words}.
- Lists are JSON in CSV, and lists in Parquet.
- Text is as in the database. Some of it begins with `+`, `-` or `=`, which a spreadsheet takes for
  a formula: import such columns as text.
- The macros `..._as_of(day)` are queries, and are not in the export. The tables `..._by_release`
  have every release's figures with the day on which it was published.

Read a table's description before you add anything up: some tables have the same people in several
breakdowns, and some months may still be revised.

## Tables

{tables}
"""

LICENCE = """\
# Licence

The figures are works of the United States government, which has no copyright in them within the
United States (17 USC 105). Where a dataset has other terms, they are named here. Cite the
publisher.

{datasets}

What Borderledger adds (descriptions of tables and columns, sentences about claims, its own
estimates, marked as such) is under the Apache License 2.0, as its code is.
"""


def readme(about: About, tables: Sequence[TableFiles]) -> str:
    """README.md of an export."""
    words = sorted({word for files in tables for word in files.missing.values() if word})
    return README.format(
        title=TITLE,
        build=about.build_id,
        day=f"{about.built_at:%Y-%m-%d}",
        count=len(tables),
        licence=LICENCE_FILE,
        words=f" (as {', '.join(f'`{word}`' for word in words)})" if words else "",
        tables="\n".join(
            f"- `{files.table.name}` ({files.rows:,} rows): {files.table.description}"
            for files in tables
        ),
    )


def licence(about: About) -> str:
    """LICENSE.md of an export: the terms of each dataset in the file."""
    lines = [
        f"- {source.title} ({source.publisher}, {source.page}): {source.licence}"
        for source in about.sources
    ]
    return LICENCE.format(datasets="\n".join(lines))


def citation(about: About) -> str:
    """CITATION.cff of a build, with its publishers as references. JSON strings are YAML as well."""
    lines = [
        "cff-version: 1.2.0",
        "message: Please cite the build, and the publisher of the figures that you use.",
        "type: dataset",
        f"title: {json.dumps(TITLE)}",
        f"version: {json.dumps(about.build_id)}",
        f"date-released: {about.built_at:%Y-%m-%d}",
        "authors:",
        f"  - name: {json.dumps(CONTRIBUTORS)}",
    ]
    if about.sources:
        lines.append("references:")
    for source in about.sources:
        lines += [
            "  - type: data",
            f"    title: {json.dumps(source.title, ensure_ascii=False)}",
            f"    url: {json.dumps(source.page)}",
            "    authors:",
            f"      - name: {json.dumps(source.publisher, ensure_ascii=False)}",
        ]
    return "\n".join(lines) + "\n"


def dictionary(tables: Sequence[TableFiles]) -> str:
    """dictionary.csv of an export: a row for each column. type: as Parquet has it; CSV has lists as
    JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ("table", "column", "type", "unit", "key", "references", "description", "in_csv")
    )
    for files in tables:
        for column in files.table.columns:
            writer.writerow(
                (
                    files.table.name,
                    column.name,
                    column.type,
                    column.unit,
                    column.key_position or "",
                    ".".join(column.references or ()),
                    column.description,
                    "JSON" if is_nested(column.type) else "",
                )
            )
    return text.getvalue()
