"""What several tests of the readers share."""

import pytest

from tests.support.cbp_files import Made, made


@pytest.fixture(scope="session")
def plain() -> Made:
    """CBP's southwest file with one finished and two unfinished months."""
    return made(first="2024-09", last="2024-11")
