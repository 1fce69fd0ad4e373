"""How the tests of the readers read: one dataset's file from bytes, published late enough."""

from orchestration.catalogue.dataset import load_catalogue
from orchestration.readers import ParsedRelease, read_release
from orchestration.releases.publication import PublicationDate
from orchestration.settings import Limits
from tests.support.cbp_files import SOUTHWEST, Made

PUBLISHED = "2024-12"


def read(
    content: bytes,
    dataset: str = SOUTHWEST,
    published: str = PUBLISHED,
    limits: Limits | None = None,
) -> ParsedRelease:
    catalogued = load_catalogue()[dataset]
    return read_release(content, catalogued, PublicationDate.parse(published), limits or Limits())


def assert_reads_as(parsed: ParsedRelease, expected: Made) -> None:
    """The rows hold the expected texts, column by column, and each can be typed."""
    for name in expected.columns:
        assert parsed.rows[name].to_list() == expected.column(name), name
    assert parsed.rows["problem"].null_count() == len(expected.rows) == len(parsed.rows)
