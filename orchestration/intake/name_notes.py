"""Notes on a file's name: what it says and the file or its listing does not bear out.

What belongs here: differences that an analyst should know and that change no verdict. A name that
cannot be true is refused in `file_checks`.
"""

from collections.abc import Iterator
from datetime import date

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.fiscal_years import fiscal_year_of
from orchestration.releases.release import Release


def notes_on_name(record: Release, dataset: Dataset, first_month: date) -> Iterator[str]:
    """One sentence for each thing in a release's name that is not borne out.

    first_month: the first month with figures in the file.
    """
    note = dataset.publication_in_name(record.file_name, record.published_on)[1]
    if note is not None:
        yield note
    first_year = dataset.first_year_in_name(record.file_name)
    if first_year is not None and first_month > date(first_year - 1, 10, 1):
        yield (
            f"found {first_month:%Y-%m} (FY{fiscal_year_of(first_month)}) as the first month, "
            f"expected FY{first_year} from its beginning, which the file's name promises: the "
            "months before are those of earlier releases"
        )
