"""The `borderledger` command: thin, over the same functions and the same job as Dagster.

One module a subject. Dagster, dbt and Great Expectations take seconds to import; only a
command that runs the job imports them.
"""
