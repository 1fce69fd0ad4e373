"""Notes on a file's name: what it says and the file or its listing does not bear out.

What belongs here: differences that an analyst should know and that change no verdict. A name that
cannot be true is refused in `file_checks`.
"""

from collections.abc import Iterator

from orchestration.catalogue.dataset import Dataset
from orchestration.releases.release import Release


def notes_on_name(record: Release, dataset: Dataset) -> Iterator[str]:
    """One sentence for each thing in a release's name that is not believed."""
    note = dataset.publication_in_name(record.file_name, record.published_on)[1]
    if note is not None:
        yield note
