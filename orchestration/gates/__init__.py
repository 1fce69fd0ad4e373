"""The gates: suites of expectations in YAML, run by Great Expectations, shown by Dagster.

What belongs here: reading the suites, running them on a run's file, turning each
expectation into an asset check. Which rules hold is written in `expectations/`, nowhere
else. Only `validation` imports Great Expectations, and only when a suite runs."""
