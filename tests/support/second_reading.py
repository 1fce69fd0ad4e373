"""The agencies' workbooks as openpyxl reads them, beside which the readers' results are held.

What belongs here: opening them, which takes seconds, once for all tests of a process.
"""

from functools import cache
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]


@cache
def book_of(path: Path) -> Any:
    """A workbook with the values of its formulas. Not to be changed."""
    return openpyxl.load_workbook(path, data_only=True)
