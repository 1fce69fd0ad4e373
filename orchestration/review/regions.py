"""Labels of a release that are in rows of a region where they cannot be.

What belongs here: findings that leave the decision to a person, as an agency may begin to count
a place elsewhere. A label under another component is refused in `intake`.
"""

import polars as pl

from orchestration.catalogue.categories import in_one_spelling
from orchestration.catalogue.dataset import Column, Dataset
from orchestration.catalogue.vocabulary import load_vocabulary
from orchestration.readers.cells import place
from orchestration.review.finding import Finding, shortened

REGIONS = ("land_border_region", "border_patrol_region")  # the dimensions that are regions


def region_findings(rows: pl.DataFrame, dataset: Dataset) -> list[Finding]:
    """Areas, sectors and states in a region that the vocabulary does not give them.

    rows: the typed rows of a release.
    """
    names = [n for n, column in dataset.columns.items() if _regions(column)]
    of_region = [n for n, column in dataset.columns.items() if column.vocabulary in REGIONS]
    return [
        Finding("labels_fit_each_other", sentence, table)
        for region in of_region
        for name in names
        for table, sentences in _misfits(rows, name, region, dataset).items()
        for sentence in shortened(sentences, "labels in another region")
    ]


def _misfits(
    rows: pl.DataFrame, name: str, region: str, dataset: Dataset
) -> dict[str | None, list[str]]:
    """A sentence for each label in a region of others, by the table that it is in."""
    column = dataset.columns[name]
    regions = _regions(column)
    places = [n for n in ("row_number", "sheet") if n in rows.columns]
    table = ["table_name"] if "table_name" in rows.columns else []
    found = (
        in_one_spelling(rows, dataset, [name, region])
        .group_by(name, region, *table, maintain_order=True)
        .agg(pl.col(places).first(), pl.len().alias("rows"))
    )
    sentences: dict[str | None, list[str]] = {}
    for row in found.iter_rows(named=True):
        expected = regions.get(row[name], ())
        if expected and row[region] and row[region] not in expected:
            sentences.setdefault(row.get("table_name"), []).append(
                f"{place(row)}: column {column.headers[0]!r}: found {row[name]!r} in a row of "
                f"{row[region]!r}, expected {' or '.join(map(repr, expected))}; {row['rows']:,} "
                "rows are affected"
            )
    return sentences


def _regions(column: Column) -> dict[str, tuple[str, ...]]:
    return load_vocabulary().regions(column.vocabulary) if column.vocabulary else {}
