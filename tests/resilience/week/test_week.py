"""Ten nights that nobody watches: each thing that is wrong is one message, which says why, what
readers see meanwhile and where to go; a quiet night is none. Each night goes on where the last one
ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from tests.resilience.week.nights import NIGHTS, Outcome, outcomes, table_of, week_in

pytestmark = pytest.mark.long

DOCS = PROJECT / "docs" / "operations.md"


@dataclass(frozen=True)
class Expected:
    """A message. why: words of its reason. readers: what they see, besides the published build.
    where: words of the line on what to do."""

    title: str
    why: tuple[str, ...]
    where: tuple[str, ...]
    readers: str = ""


REFUSED = Expected(
    "A release of cbp_nationwide_encounters_by_state was refused",
    ("found 6 cells in", "expected 9; the file seems cut off there"),
    ("borderledger releases --problems",),
    "No release of cbp_nationwide_encounters_by_state is accepted.",
)
HELD = Expected(
    "A release of cbp_southwest_encounters is held",
    ("2024-12, closed fiscal year: found", "moved by +1"),
    ("borderledger accept", "borderledger refuse"),
    "The newest accepted release of cbp_southwest_encounters is of 2027-02-16.",
)
KILLED = Expected(
    "The job build failed",
    ("The run's process", "it was killed, or the machine stopped"),
    ("borderledger status",),
)
FULL = Expected(
    "The command nightly failed", ("dagster: cannot be written: ",), ("borderledger nightly",)
)
SILENT = Expected(
    "A publisher cannot be reached: localhost",
    ("no answer for 3 nights", "closed before an answer", "It last answered on 2027-03-08."),
    ("/detain/detention-management", "borderledger fetch ice_detention_statistics"),
    "Newer releases of ice_detention_statistics are not in it.",
)
LANDING = Expected(
    "A landing folder cannot be read",
    ("landing: found no such folder",),
    ("borderledger fetch",),
    "Files in that folder are not in it.",
)
OVERDUE = Expected(
    "The dataset cbp_nationwide_encounters_by_area is overdue",
    ("newest accepted release is of 2027-01-27", "expected by 2027-03-13", "monthly"),
    ("/document/stats/nationwide-encounters", "borderledger fetch"),
)
MESSAGES: dict[int, tuple[Expected, ...]] = {
    1: (REFUSED, HELD),
    2: (),
    3: (),
    4: (KILLED,),
    5: (FULL, SILENT),
    6: (),
    7: (LANDING,),
    8: (OVERDUE,),
    9: (),
    10: (LANDING,),
}
EXIT_CODES = {1: 0, 2: 0, 3: 0, 4: None, 5: 3, 6: 0, 7: 2, 8: 2, 9: 0, 10: 2}
BUILDS = {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 6, 7: 6, 8: 6, 9: 6, 10: 6}  # the night of each


@pytest.fixture(scope="module")
def nights(bundle_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Outcome]]:
    with week_in(tmp_path_factory.mktemp("week"), bundle_home) as week:
        yield list(outcomes(week))


@pytest.mark.parametrize("number", range(1, len(NIGHTS) + 1))
def test_a_person_hears_of_each_thing_once_and_of_nothing_else(
    nights: list[Outcome], number: int
) -> None:
    night, expected = nights[number - 1], MESSAGES[number]
    titles = [message.title for message in night.messages]
    assert titles == [f"Borderledger: {message.title}" for message in expected], night.output
    for message, wanted in zip(night.messages, expected, strict=True):
        body = message.body
        assert f"Readers still see build {night.build} of " in body
        for words in (*wanted.why, wanted.readers, *wanted.where):
            assert words in body
        assert body.index(wanted.why[0]) < body.index("Readers ") < body.index(wanted.where[0])


@pytest.mark.parametrize("number", EXIT_CODES)
def test_a_night_ends_as_it_should_and_readers_keep_the_last_good_build(
    nights: list[Outcome], number: int
) -> None:
    night = nights[number - 1]
    assert night.exit_code == EXIT_CODES[number], night.output
    assert night.readers == f"the build of night {BUILDS[number]}"


def test_the_table_in_the_docs_is_the_week(nights: list[Outcome]) -> None:
    assert table_of(nights) in DOCS.read_text()
