"""The libraries that are imported before code servers and runs are forked: those that take long.

Whoever imports this module imports them. None of our own code is among them, as it would be old in
a run that starts after it was changed.
"""

from importlib import import_module

from orchestration.quick_imports import quick_imports

# Each starts no thread when it is imported, which a fork would lose: Polars and DuckDB do.
LIBRARIES = (
    "dagster._cli.api",
    "dagster._cli.code_server",
    "dagster._grpc.proxy_server",
    "dagster._grpc.server",
    "dagster._core.storage.sqlite_storage",
    "dagster_dbt",
    "dbt.cli.main",
    "requests",
    "rich.console",
    "sqlalchemy",
)

with quick_imports():
    for library in LIBRARIES:
        import_module(library)
