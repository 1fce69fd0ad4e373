"""How fast the nightly job is, beside a bare DuckDB script: `python -m benchmarks`."""
