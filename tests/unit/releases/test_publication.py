"""Publication dates: to the day, or to the month, which counts from its last day."""

from datetime import date

import pytest

from orchestration.releases.publication import PublicationDate


@pytest.mark.parametrize(
    ("text", "on", "earliest", "precision"),
    [
        ("2023-11-14", date(2023, 11, 14), date(2023, 11, 14), "day"),
        ("2023-11", date(2023, 11, 30), date(2023, 11, 1), "month"),
        ("2024-02", date(2024, 2, 29), date(2024, 2, 1), "month"),
        ("2024-12", date(2024, 12, 31), date(2024, 12, 1), "month"),
    ],
)
def test_a_publication_date_counts_from_its_last_day(
    text: str, on: date, earliest: date, precision: str
) -> None:
    published = PublicationDate.parse(text)
    assert (published.on, published.earliest, published.precision) == (on, earliest, precision)
    assert str(published) == text


UNDATED = [
    "",
    "2024",
    "2024-13",
    "2024-00",
    "2024-1",
    "2024-02-30",
    "0000-01",
    "2024-12-31T00",
    "2024_12",
    "20241231",
    "december",
    "2024-12 (2)",
    "٢٠٢٤-12",
]


@pytest.mark.parametrize("text", UNDATED, ids=ascii)
def test_a_text_that_is_not_a_date_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="expected YYYY-MM-DD or YYYY-MM") as refused:
        PublicationDate.parse(text)
    assert str(refused.value) == f"found the date {text!r}, expected YYYY-MM-DD or YYYY-MM"
