"""Batches: together they hold every candidate once, and taking them in, in any order and again
after a death, gives the outcomes of one process."""

from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.intake.batches import Listed, Plan, missing_in, plan, take_batch
from orchestration.intake.fetch import fetch
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.archive import Archive
from orchestration.settings import ConfigurationError, Settings
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, Made, candidate, made
from tests.support.intake_outcomes import NAME, PAGE

REPOST = "sbo-encounters-fy23-fy25-nov_0.csv"
SHARED = (NAME, REPOST)


@pytest.fixture
def files(landing: Path, good: Made) -> Path:
    """Three releases, one of them under two names, a refused file, and one in the wrong place."""
    for dataset in (BY_AREA, BY_STATE):
        candidate(landing, made(dataset).bytes(), "2024-12", f"{dataset}.csv", dataset)
    for name in SHARED:
        candidate(landing, good.bytes(), "2024-12", name)
    candidate(landing, PAGE, "2024-12", "page.csv")
    (landing / "stray").mkdir()
    return landing


def taken(settings: Settings, planned: Plan) -> dict[int, IntakeOutcome]:
    """The outcome of each candidate, of batches that are taken in last one first."""
    outcomes = dict(planned.skipped)
    for batch in reversed(planned.batches):
        outcomes |= dict(take_batch(settings, batch))
    return outcomes


def shown(outcomes: list[IntakeOutcome]) -> list[tuple[str, str, str | None]]:
    return [(one.kind, one.source, one.reason) for one in outcomes]


def in_order(outcomes: dict[int, IntakeOutcome]) -> list[IntakeOutcome]:
    return [outcomes[position] for position in sorted(outcomes)]


def listed_from(planned: Plan, name: str) -> list[Listed]:
    return [one for batch in planned.batches for one in batch if one.path.endswith(f"/{name}")]


def test_batches_give_the_outcomes_and_the_archive_of_one_process(
    settings: Settings, files: Path, tmp_path: Path
) -> None:
    alone = replace(settings, home=tmp_path / "alone")
    expected = shown(fetch(alone))
    planned = plan(settings, 7)
    outcomes = taken(settings, planned)
    assert shown(in_order(outcomes)) == expected
    assert Archive(settings.archive).digest() == Archive(alone.archive).digest()
    again = plan(settings, 7)
    assert shown(in_order(taken(settings, again))) == shown(fetch(alone)), "once all is known"


def test_the_same_bytes_are_in_one_batch(settings: Settings, files: Path) -> None:
    planned = plan(settings, 100)
    [together] = [b for b in planned.batches if any(one.path.endswith(NAME) for one in b)]
    assert [one.path.rpartition("/")[2] for one in together] == list(SHARED)
    paths = [(one.folder, one.path) for batch in planned.batches for one in batch]
    assert len(paths) == len(set(paths))
    assert [outcome.kind for outcome in planned.skipped.values()] == ["skipped"]


def test_the_batch_with_the_most_work_comes_first(settings: Settings, landing: Path) -> None:
    for size in (300_000, 500_000, 100_000):
        candidate(landing, b"," * size, "2024-12", f"{size}.csv")
    candidate(landing, b"PK" * 10_000, "2024-12", "workbook.xlsx", "ice_detention_statistics")
    batches = plan(settings, 100).batches
    first = [batch[0].path.rpartition("/")[2] for batch in batches[:2]]
    assert first == ["workbook.xlsx", "500000.csv"], "a workbook takes longer than its size says"
    assert len(plan(settings, 2).batches) == 2


def test_a_batch_that_is_taken_in_again_has_the_same_outcomes(
    settings: Settings, files: Path
) -> None:
    [batch] = plan(settings, 1).batches
    first = list(take_batch(settings, batch))
    digest = Archive(settings.archive).digest()
    again = list(take_batch(settings, batch))
    assert [(p, o.kind, o.source, o.reason) for p, o in again] == [
        (p, o.kind, o.source, o.reason) for p, o in first
    ]
    assert Archive(settings.archive).digest() == digest


def test_a_worker_whose_folder_has_another_file_does_not_take_it_in(
    settings: Settings, files: Path, tmp_path: Path
) -> None:
    planned = plan(settings, 1)
    elsewhere = tmp_path / "elsewhere"
    candidate(elsewhere, made(SOUTHWEST).bytes() + b"\r\n", "2024-12", NAME)
    there = replace(settings, landing=(elsewhere,))
    [(_, other)] = take_batch(there, listed_from(planned, NAME))
    assert other.kind == "skipped"
    assert other.reason is not None
    assert "expected " + str(listed_from(planned, NAME)[0].sha256) in other.reason
    [(_, missing)] = take_batch(there, listed_from(planned, "page.csv"))
    assert missing.kind == "skipped"
    assert Archive(settings.archive).releases() == []


def test_a_worker_without_the_landing_folder_says_so(settings: Settings, files: Path) -> None:
    [batch] = plan(settings, 1).batches
    with pytest.raises(ConfigurationError, match="BORDERLEDGER_LANDING: found 0 folders"):
        list(take_batch(replace(settings, landing=()), batch))


def test_what_a_worker_took_into_an_archive_of_its_own_is_missing(
    settings: Settings, files: Path, tmp_path: Path
) -> None:
    planned = plan(settings, 1)
    apart = replace(settings, home=tmp_path / "apart")
    outcomes = in_order(taken(apart, planned))
    of_releases = [outcome for outcome in outcomes if outcome.release is not None]
    assert len(of_releases) > 1
    assert missing_in(Archive(settings.archive), outcomes) == of_releases
    assert missing_in(Archive(apart.archive), outcomes) == []


@pytest.mark.parametrize(
    "path", ["cbp_southwest_encounters/../../secret.csv", "../2024-12/a.csv", "unknown/2024-12/a"]
)
def test_a_path_of_no_candidate_is_an_error(path: str, settings: Settings, landing: Path) -> None:
    listed = Listed(folder=1, path=path, position=0, sha256=None, is_new=True)
    with pytest.raises((LookupError, ValueError)):
        list(take_batch(settings, [listed]))
