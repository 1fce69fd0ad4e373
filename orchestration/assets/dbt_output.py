"""Where dbt's own output goes during a run.

What belongs here: keeping what dbt and dagster-dbt print out of the run's log, which people read.
"""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

DAGSTER_DBT = "dagster.builtin"  # the logger on which dagster-dbt reports each command


@contextlib.contextmanager
def dbt_output_in(file: Path) -> Iterator[None]:
    """Append dbt's output to a file, and drop dagster-dbt's reports of commands that start and end.
    If dbt fails, the run's log names the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger(DAGSTER_DBT)
    level = logger.level
    with file.open("a") as output, contextlib.redirect_stdout(output):
        logger.setLevel(logging.WARNING)
        try:
            yield
        except Exception:
            dg.get_dagster_logger().error(f"dbt failed; its output is in {file}")
            raise
        finally:
            logger.setLevel(level)
