"""Values of a query's result as text and as JSON, the same in every form of output."""

import json
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any


def as_text(value: Any, null: str = "") -> str:
    """A value as a table or a CSV file has it: dates as ISO, lists as JSON. null: for NULL."""
    if value is None:
        return null
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(json_value(value), ensure_ascii=False)
    return str(value if isinstance(value, float | Decimal) else json_value(value))


def json_value(value: Any) -> Any:
    """A value as JSON has it: dates and what JSON does not know as text, numbers without bound as
    null."""
    if isinstance(value, dict):
        return {as_text(key): json_value(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, bool | int | str) else str(value)
