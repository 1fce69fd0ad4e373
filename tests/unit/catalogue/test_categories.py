"""Cells in one spelling."""

import pytest

from orchestration.catalogue.categories import spelling
from orchestration.catalogue.dataset import load_catalogue


@pytest.mark.parametrize(
    "text",
    ["2025", "2025 (FYTD)", "FY2025", "2025 YTD (November 2024)", "2025 (Oct 2024-Nov 2024)"],
)
def test_a_fiscal_year_is_its_first_four_digits(text: str) -> None:
    column = load_catalogue()["ohss_monthly_tables"].columns["fiscal_year"]
    assert spelling([text], column) == {text: "2025"}
