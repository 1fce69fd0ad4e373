"""Fiscal years: N runs from October N-1 to September N."""

from datetime import date


def fiscal_year_of(day: date) -> int:
    """The fiscal year of a day."""
    return day.year + (day.month >= 10)


def last_day_of(fiscal_year: int) -> date:
    """30 September of the fiscal year."""
    return date(fiscal_year, 9, 30)
