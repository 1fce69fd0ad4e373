"""The gates: suites of checks in YAML, run by Great Expectations, shown by Dagster.

What belongs here: reading the suites, deriving the checks that nobody writes, running them
on a run's file, turning each one into an asset check. The rules of a table are written in
`expectations/`, nowhere else. Only `validation` imports Great Expectations, and only when a
suite runs."""
