"""A release: its identity, and its record before and after a refusal."""

from datetime import UTC, date, datetime
from pathlib import Path

from orchestration.intake.intake import new_record
from orchestration.releases.release import release_id_of
from tests.support.cbp_files import candidate

NOON = datetime(2024, 12, 20, 12, tzinfo=UTC)


def test_a_release_is_identified_by_the_hash_of_its_bytes() -> None:
    release_id, sha256 = release_id_of(b"abc")
    assert sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert release_id == "ba7816bf8f01cfea"


def test_a_new_record_counts_as_refused_until_it_is_checked(tmp_path: Path) -> None:
    record = new_record(candidate(tmp_path, b"x", "2024-12", "file.csv"), b"x", "r", "v1", NOON)
    assert record.verdict == "refused"
    assert record.reason == "not checked yet"


def test_a_refused_release_has_no_figures(tmp_path: Path) -> None:
    record = new_record(candidate(tmp_path, b"x", "2024-12", "file.csv"), b"x", "r", "v1", NOON)
    accepted = {"verdict": "accepted", "reason": None, "rows": 1, "untyped_rows": 2}
    release = record.model_copy(
        update=accepted | {"first_month": date(2024, 1, 1), "notes": ("Source",)}
    )
    refused = release.refused("labels_are_known", "found nonsense")
    assert (refused.verdict, refused.reason) == ("refused", "found nonsense")
    assert refused.checks == ("labels_are_known",)
    assert (refused.rows, refused.untyped_rows, refused.notes) == (0, 0, ())
    assert (refused.first_month, refused.last_month) == (None, None)
    assert refused.sha256 == release.sha256
