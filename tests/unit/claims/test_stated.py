"""How exactly a number was said."""

import pytest

from orchestration.claims.stated import StatedNumber


@pytest.mark.parametrize(
    ("text", "value", "tolerance"),
    [
        ("64,006", 64006, 0.5),
        ("46,610", 46610, 5),
        ("47000", 47000, 470),  # not 500: trailing zeros are no licence for more than 1 %
        ("200,000", 200000, 2000),
        ("2000000", 2000000, 20000),
        ("-56", -56, 0.5),
        ("-60", -60, 0.6),
        ("17.5", 17.5, 0.05),
        ("0", 0, 0.5),
        ("4", 4, 0.5),
        ("2.5 million", 2_500_000, 25_000),  # not 50,000
        ("700 thousand", 700_000, 7_000),
        ("-17.5 %", -17.5, 0.05),
        ("34 percent", 34, 0.5),
        ("34 per cent", 34, 0.5),
        ("64K", 64_000, 500),
        ("2.48 Million", 2_480_000, 5_000),
        ("2.48M", 2_480_000, 5_000),
        ("1,234,567.5", 1_234_567.5, 0.05),
    ],
)
def test_a_number_is_as_exact_as_its_last_digit(text: str, value: float, tolerance: float) -> None:
    stated = StatedNumber.parse(text)
    assert stated.value == value
    assert stated.tolerance == pytest.approx(tolerance)


def test_a_precision_says_more_than_the_digits() -> None:
    assert StatedNumber.parse("200,000", precision=100_000).tolerance == 50_000
    assert StatedNumber.parse("46,610", precision=1).tolerance == 0.5


@pytest.mark.parametrize("precision", [0, -5, float("nan"), float("inf")])
def test_a_precision_is_a_positive_number(precision: float) -> None:
    with pytest.raises(ValueError, match="expected one such as 10"):
        StatedNumber.parse("5", precision)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many",
        "1e5",
        "64 006",
        "--3",
        "3.",
        "٣",
        "46,61",
        "2,5 million",
        "4661,000",
        "46,6100",
        "46,",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a number such as"):
        StatedNumber.parse(text)


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("one in three", 31.67, 35),
        ("2 in 5", 38, 42),
        ("1 in 10", 9.5, 10.5),
        ("28.3", 28.25, 28.35),
    ],
)
def test_a_share_in_words_or_in_percent(text: str, lowest: float, highest: float) -> None:
    band = StatedNumber.parse_share(text).band
    assert (round(band.lower, 2), round(band.upper, 2)) == (lowest, highest)


@pytest.mark.parametrize("text", ["three in one", "one in many", "0 in 3", "most"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"found '{text}', expected a"):
        StatedNumber.parse_share(text)


def test_what_is_no_number_is_cut() -> None:
    with pytest.raises(ValueError, match=f"^found '{'x' * 40}…', expected a number"):
        StatedNumber.parse("x" * 100_000)
