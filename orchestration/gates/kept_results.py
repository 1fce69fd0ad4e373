"""Great Expectations' own results of a build's checks, kept beside its database for their pages.

builds/<build_id>/checks/<table>.json    the results of one suite, as Great Expectations writes them

What belongs here: which part of a result is kept, and reading it again. `gates.json` has what the
published file says of each check; this has what was expected, in full.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration.durable import replace

FOLDER = "checks"
EVERY_ROW = ("unexpected_list", "unexpected_index_list")  # may be a whole table

KeptResult = dict[str, Any]  # in the form of Great Expectations, which reads it again


def keep_results(build: Path, table: str, results: Iterable[KeptResult], examples: int) -> None:
    """Store results of a suite, each in the place of an earlier one of the same check.

    build: the folder of an open build. examples: how many failing rows are kept.
    """
    path = build / FOLDER / f"{table}.json"
    path.parent.mkdir(exist_ok=True)
    by_check = {_check_of(result): result for result in kept_results(build, table)}
    by_check |= {_check_of(result): _shortened(result, examples) for result in results}
    text = json.dumps(list(by_check.values()))
    replace(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def kept_results(build: Path, table: str) -> list[KeptResult]:
    """The results of a suite in the order in which its checks ran first; none if it never ran."""
    path = build / FOLDER / f"{table}.json"
    if not path.exists():
        return []
    results: list[KeptResult] = json.loads(path.read_bytes())
    return results


def failing_rows(result: KeptResult) -> list[Any]:
    """The rows that are kept of a check that failed."""
    content = result["result"]
    return (
        (content.get("details") or {}).get("unexpected_rows")
        or content.get("partial_unexpected_index_list")
        or content.get("partial_unexpected_list")
        or []
    )


def _check_of(result: KeptResult) -> str:
    return str(result["expectation_config"]["meta"]["check"])


def _shortened(result: KeptResult, examples: int) -> KeptResult:
    content = {key: value for key, value in result["result"].items() if key not in EVERY_ROW}
    if rows := (content.get("details") or {}).get("unexpected_rows"):
        content["details"] = {**content["details"], "unexpected_rows": rows[:examples]}
    return {**result, "result": content}
