"""What a release's file name promises, beside what the file holds.

What belongs here: findings that leave the decision to a person. A name that cannot be true is
refused in `intake`.
"""

from orchestration.catalogue.dataset import Dataset
from orchestration.catalogue.fiscal_years import fiscal_year_of
from orchestration.releases.release import Release
from orchestration.review.finding import Finding


def name_findings(release: Release, dataset: Dataset) -> tuple[Finding, ...]:
    """Why the name of a release does not vouch for its content; empty if it does."""
    if not dataset.recognises(release.file_name):
        return (
            Finding(
                "name_is_recognised",
                f"found the name {release.file_name!r}, expected one such as "
                f"{dataset.file_examples[0]!r}, which says what period the file is of; found "
                f"figures up to {release.last_month:%Y-%m}; rename the file, or accept it",
            ),
        )
    promised = dataset.span_in_name(release.file_name)
    if promised is None or release.last_month is None:
        return ()
    fiscal_year = fiscal_year_of(release.last_month)
    if fiscal_year == promised[0]:
        return ()
    return (
        Finding(
            "name_keeps_its_promise",
            f"found figures of FY{fiscal_year} up to {release.last_month:%Y-%m}, expected "
            f"FY{promised[0]}, which the file's name promises",
        ),
    )
