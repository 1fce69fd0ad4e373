"""Tables of the pages: how their cells are written and aligned."""

from datetime import date

import pytest

from orchestration.report.tables import table_of


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, None], "number"),
        ([1, 2.5], "number"),
        ([date(2026, 8, 1)], "date"),
        (["2026-08", None, "2026-08-31"], "date"),
        (["2026-08", "2026-08 (overdue)"], ""),
        (["2026-08", date(2026, 8, 1)], ""),
        ([True], ""),
        ([None], ""),
    ],
)
def test_a_column_of_days_or_months_is_one_of_dates(cells: list[object], kind: str) -> None:
    """Dates do not break into two lines."""
    [column] = table_of([{"column": cell} for cell in cells]).columns
    assert column.kind == kind
