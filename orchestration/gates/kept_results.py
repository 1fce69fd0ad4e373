"""Great Expectations' own results of a build's checks, kept beside its database for their pages.

builds/<build_id>/checks.json  by table, the results of its suite as Great Expectations has them

What belongs here: which part of a result is kept, and reading it again. `gates.json` has what the
published file says of each check; this has what was expected, in full.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.durable import replace

FILE = "checks.json"
EVERY_ROW = ("unexpected_list", "unexpected_index_list")  # may be a whole table

KeptResult = dict[str, Any]  # in the form of Great Expectations, which reads it again


def keep_results(build: Path, results: Mapping[str, Sequence[KeptResult]], examples: int) -> None:
    """Store the results of suites, each in the place of an earlier one of the same check.

    build: the folder of an open build. results: by table. examples: how many failing rows are kept.
    """
    kept = kept_results(build)
    for table, of_suite in results.items():
        by_check = {_check_of(result): result for result in kept.get(table, ())}
        by_check |= {_check_of(result): _shortened(result, examples) for result in of_suite}
        kept[table] = list(by_check.values())
    text = json.dumps(kept)
    replace(build / FILE, lambda path: path.write_text(text, encoding="utf-8"))


def kept_results(build: Path) -> dict[str, list[KeptResult]]:
    """By table, the results in the order in which its checks ran first; none for a build whose
    gates kept none."""
    path = build / FILE
    if not path.exists():
        return {}
    results: dict[str, list[KeptResult]] = json.loads(path.read_bytes())
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
