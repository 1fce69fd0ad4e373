"""Cells in one spelling, so that the cells of two releases can be compared.

What belongs here: which texts of a column mean the same category. The labels themselves are
listed in the vocabulary.
"""

import re
from collections.abc import Iterable, Mapping

import polars as pl

from orchestration.catalogue.dataset import Column, Dataset
from orchestration.catalogue.vocabulary import fold, load_vocabulary


def in_one_spelling(rows: pl.DataFrame, dataset: Dataset, names: Iterable[str]) -> pl.DataFrame:
    """Return the rows with each label in the columns `names` replaced by its category."""
    spelled = [
        pl.col(name).replace_strict(
            spelling(rows[name].unique().to_list(), dataset.columns[name]), return_dtype=pl.String
        )
        for name in names
    ]
    return rows.with_columns(spelled)


def has_labels(wanted: Mapping[str, Iterable[str]], dataset: Dataset) -> pl.Expr:
    """Whether a row has one of the wanted labels in each column named, once its labels are in one
    spelling. A name that is no column of the dataset is compared as it is written."""
    conditions = (
        pl.col(name).is_in(
            list(spelling(labels, dataset.columns[name]).values())
            if name in dataset.columns
            else list(labels)
        )
        for name, labels in wanted.items()
    )
    return pl.all_horizontal(pl.lit(value=True), *conditions)


def spelling(texts: Iterable[str], column: Column) -> dict[str, str]:
    """Return the category of each text: a fiscal year's four digits, the vocabulary's category, or
    the folded text if the vocabulary does not list it."""
    if column.kind == "fiscal_year":
        # the first year: `2025 YTD (November 2024)` names another one as well
        years = {text: re.search("[0-9]{4}", text) for text in texts}
        return {text: year[0] if year else "" for text, year in years.items()}
    known = load_vocabulary().categories(column.vocabulary) if column.vocabulary else {}
    return {text: known.get(fold(text), fold(text)) for text in texts}
