"""The cells of releases in one spelling, so that those of two releases can be compared.

What belongs here: which texts of a column stand for one category. The labels themselves are
listed in the vocabulary.
"""

from collections.abc import Iterable

import polars as pl

from orchestration.catalogue.dataset import Column, Dataset
from orchestration.catalogue.vocabulary import fold, load_vocabulary


def in_one_spelling(rows: pl.DataFrame, dataset: Dataset, names: Iterable[str]) -> pl.DataFrame:
    """The rows with these label columns by category, whatever each was called."""
    spelled = [
        pl.col(name).replace_strict(
            spelling(rows[name].unique().to_list(), dataset.columns[name]), return_dtype=pl.String
        )
        for name in names
    ]
    return rows.with_columns(spelled)


def spelling(texts: Iterable[str], column: Column) -> dict[str, str]:
    """The category that each text stands for; a fiscal year by its number; without a
    vocabulary, the text folded."""
    if column.kind == "fiscal_year":
        return {text: "".join(filter(str.isdigit, text)) for text in texts}
    known = load_vocabulary().categories(column.vocabulary) if column.vocabulary else {}
    return {text: known.get(fold(text), fold(text)) for text in texts}
