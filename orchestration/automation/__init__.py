"""When things run, and what Dagster keeps of each run."""
