"""The Dagster assets, one module per stage: archive, build and raw tables, facts and marts,
published file. Each module makes its assets for given settings."""
