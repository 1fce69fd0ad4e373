"""The nightly job's speed compared with a bare DuckDB script, `python -m benchmarks`, and the UI's
compared with a bare import, `python -m benchmarks.ui`."""
