"""Verifying that the lake's storage has the files that its catalogue names.

What belongs here: comparing. Nothing is repaired here: the next publication writes a table again of
which a file is gone or has another size.
"""

from collections.abc import Iterator

from orchestration.builds.verification import Verified
from orchestration.lake.connection import LakeError, connected
from orchestration.lake.objects import problems_of_files
from orchestration.settings import Lake

WRITES_AGAIN = "`borderledger lake --publish` writes it again"


def verify_lake(lake: Lake) -> Iterator[Verified]:
    """Verify the files of every table of the newest snapshot by their sizes; a lake that cannot be
    read is a problem itself. Raises ConfigurationError for a missing extension."""
    try:
        with connected(lake, to_write=False) as connection:
            problems = problems_of_files(connection, lake.data)
    except LakeError as error:
        yield Verified("lake", lake.catalogue, str(error))
        return
    for (schema, table), problem in problems.items():
        name = f"{schema}.{table}"
        named = f"{name} in {lake.data}: {problem}; {WRITES_AGAIN}" if problem else None
        yield Verified("lake table", name, named)
