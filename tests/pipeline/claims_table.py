"""The claims of the two articles as a page of the docs.

    python -m tests.pipeline.claims_table

writes it from a build of the bundled figures.
"""

import tempfile
from pathlib import Path

from orchestration.builds.reading import ClaimCheck, read_claims
from tests.conftest import PROJECT, run_command

PAGE = PROJECT / "docs" / "claims.md"
HEAD = """# The claims of the two articles

Made by `make snapshot` from a build of the bundled figures; a test requires that it is what such a
build says. [What the verdicts mean](analyst.md#test-a-statement).

| claim | stated on | verdict | what was found |
| --- | --- | --- | --- |
"""


def page_of(claims: list[ClaimCheck]) -> str:
    """The page's text, one row a claim."""
    rows = (
        f"| {claim.claim} | {claim.stated_on} | {claim.verdict} | {claim.note} |"
        for claim in claims
    )
    return HEAD + "\n".join(rows) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_command(Path(folder), "nightly", "--offline")
        claims = read_claims(Path(folder, "border.duckdb"))
    PAGE.write_text(page_of(claims), encoding="utf-8")
    print(f"{PAGE}: {len(claims)} claims")


if __name__ == "__main__":
    main()
