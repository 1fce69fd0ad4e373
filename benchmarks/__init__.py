"""The nightly job's speed compared with a bare DuckDB script: `python -m benchmarks`."""
