"""A correction for tests, and the two releases of which the second has the error it corrects."""

from datetime import date
from typing import Any

from orchestration.catalogue.corrections import Correction
from tests.support.cbp_files import SOUTHWEST
from tests.support.reviews import BEFORE, NEXT, File, figure, moved, row_of

WRONG = moved(NEXT, 2024, "MAR", 9000, number=2)  # Border Patrol's adults
ROW = row_of(NEXT, 2024, "MAR", 2)
RIGHT = figure(NEXT, ROW)
ADULTS = {"month": "2024-03", "component": "USBP", "demographic": "single adults"}
FILES = File("2024-12", BEFORE.bytes()), File("2025-01", WRONG.bytes())


def correction(**changes: Any) -> Correction:
    """A correction: since January 2025 the figure of Border Patrol's adults of March 2024 is
    9,000 too high."""
    return Correction.model_validate(
        {
            "name": "nine-thousand-too-many",
            "dataset": SOUTHWEST,
            "cells": ADULTS,
            "expects": RIGHT + 9000,
            "use": RIGHT,
            "reason": "CBP's page has a lower total for the month.",
            "source": "https://www.cbp.gov",
            "since": date(2025, 1, 1),
        }
        | changes
    )
