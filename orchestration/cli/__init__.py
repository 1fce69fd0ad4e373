"""The `borderledger` command: a thin layer over the functions and the job that Dagster uses too.

One module per subject. Dagster, dbt and Great Expectations take seconds to import, so only the
commands that run the job import them.
"""
