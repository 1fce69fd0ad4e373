"""Which release a failed check is about.

What belongs here: the question whether all the rows that break a rule name one release. The
rows are counted in the build's file, as Great Expectations reports only the first of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orchestration.builds.connection import connected
from orchestration.builds.gate_results import GateResult
from orchestration.builds.sql import identifier, literal
from orchestration.gates.expectation import UNEXPECTED_ROWS, Expectation
from orchestration.gates.suites import Suite


def with_releases_at_fault(
    database: Path, suites: Iterable[Suite], results: Iterable[GateResult]
) -> list[GateResult]:
    """The results; those that stop a build with the release that all of their failing rows name,
    if there is one. database: the file of the build, which nobody writes."""
    by_table = {suite.table: suite for suite in suites}
    return [
        _with_release_at_fault(database, by_table[result.table], result)
        if result.blocks
        else result
        for result in results
    ]


def _with_release_at_fault(database: Path, suite: Suite, result: GateResult) -> GateResult:
    [expectation] = (e for e in suite.expectations if e.check_name == result.check)
    query = _failing_rows(suite, expectation)
    if query is None:
        return result
    with connected(database, read_only=True) as connection:
        columns = [row[0] for row in connection.execute(f"describe {query}").fetchall()]
        if "release_id" not in columns:
            return result
        [(rows, named, releases, release_id)] = connection.execute(
            "select count(*), count(release_id), count(distinct release_id), any_value(release_id)"
            f" from ({query})"
        ).fetchall()
    is_one = rows > 0 and rows == named and releases == 1
    return result.model_copy(update={"release_id": release_id if is_one else None})


def _failing_rows(suite: Suite, expectation: Expectation) -> str | None:
    """A query for the rows that break a rule; None for a rule about a table as a whole."""
    schema, name = suite.schema_and_name
    table = f"{identifier(schema)}.{identifier(name)}"
    if expectation.type == UNEXPECTED_ROWS:
        return str(expectation.kwargs["unexpected_rows_query"]).format(batch=table)
    if expectation.check_name == "grain_is_unique":
        return _repeated_rows(table, suite.key)
    broken = BROKEN.get(expectation.type)
    if broken is None:
        return None
    kwargs = expectation.resolved_kwargs()
    return f"select * from {table} where {broken(identifier(kwargs['column']), kwargs)}"


def _missing(column: str, _: Mapping[str, Any]) -> str:
    return f"{column} is null"


def _not_listed(column: str, kwargs: Mapping[str, Any]) -> str:
    return f"{column} not in ({', '.join(literal(str(value)) for value in kwargs['value_set'])})"


def _outside(column: str, kwargs: Mapping[str, Any]) -> str:
    """The condition that a value is beyond one of the bounds; a strict bound is outside."""
    below, above = (
        f"{sign}=" if kwargs.get(strict) else sign
        for sign, strict in (("<", "strict_min"), (">", "strict_max"))
    )
    bounds = ((below, kwargs.get("min_value")), (above, kwargs.get("max_value")))
    return " or ".join(
        f"{column} {sign} {_bound(bound)}" for sign, bound in bounds if bound is not None
    )


def _bound(value: object) -> str:
    """A number as it is, as DuckDB takes text for a value of the column's type."""
    return str(value) if isinstance(value, int | float) else literal(str(value))


# when a row breaks a rule, for the expectations that are about single rows
BROKEN = {
    "expect_column_values_to_not_be_null": _missing,
    "expect_column_values_to_be_in_set": _not_listed,
    "expect_column_values_to_be_between": _outside,
}


def _repeated_rows(table: str, key: Sequence[str]) -> str:
    columns = ", ".join(map(identifier, key))
    return f"select * from {table} qualify count(*) over (partition by {columns}) > 1"
