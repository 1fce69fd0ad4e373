"""The jobs by which a person decides on a release in the UI."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.assets.names import archive_key
from orchestration.automation.decisions import decision_jobs
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings
from tests.support.cbp_files import SOUTHWEST
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved, verdicts

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive of two releases, of which the second is held."""
    return archive_of(tmp_path, FIRST, WRONG)


def run(
    home: Path, job: str, op: str, instance: dg.DagsterInstance | None = None, **config: Any
) -> dg.ExecuteInProcessResult:
    jobs = decision_jobs(Settings(home, offline=True))
    return jobs.resolve_job_def(job).execute_in_process(
        {"ops": {op: {"config": config}}}, raise_on_error=False, instance=instance
    )


@pytest.mark.parametrize(
    ("decisions", "verdict"),
    [
        (["accept"], "accepted"),
        (["refuse"], "refused"),
        (["withdraw"], "withdrawn"),
        (["withdraw", "reinstate"], "held"),
    ],
)
def test_a_decision_is_stored(
    tmp_path: Path, archive: Archive, decisions: list[str], verdict: str
) -> None:
    [held] = review(archive, corrections=[]).held()
    for decision in decisions:
        config: dict[str, Any] = {
            "release_id": held.release_id,
            "decision": decision.upper(),
            "reason": "a test",
        }
        assert run(tmp_path, "decide", "decide_on_release", by="Ada", **config).success
    reviewed = review(archive, corrections=[])
    assert verdicts(reviewed) == ["accepted", verdict]
    assert [d.by for d in reviewed.releases[1].decisions] == ["Ada"] * len(decisions)


def test_a_publication_date_is_corrected(tmp_path: Path, archive: Archive) -> None:
    [first, _] = archive.releases()
    done = run(
        tmp_path,
        "redate",
        "redate_one_release",
        release_id=first.release_id[:8],
        published_on="2024-12-19",
        reason="a slip",
    )
    assert done.success
    assert str(archive.releases()[0].published) == "2024-12-19"


def test_what_cannot_be_decided_fails_with_the_reason(tmp_path: Path, archive: Archive) -> None:
    failed = run(
        tmp_path, "decide", "decide_on_release", release_id="zz", decision="ACCEPT", reason="why"
    )
    [failure] = [event for event in failed.all_events if event.is_step_failure]
    error = failure.step_failure_data.error
    assert error is not None
    assert "found 0 releases 'zz' that are held, or with a decision" in error.message
    assert all(release.decisions == () for release in archive.releases())


def test_a_decision_is_shown_at_once_with_the_checks_on_its_archive(
    tmp_path: Path, archive: Archive
) -> None:
    [held] = review(archive).held()
    config = {"release_id": held.release_id, "decision": "REFUSE", "reason": "a test"}
    key = dg.AssetCheckKey(archive_key(SOUTHWEST), "nothing_is_held")
    with dg.DagsterInstance.ephemeral() as instance:
        done = run(tmp_path, "decide", "decide_on_release", instance, **config)
        record = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    shown = {
        event.partition: event.materialization.metadata["verdict"].value
        for event in done.all_events
        if event.is_step_materialization
    }
    assert shown[held.folder_name] == "refused"
    assert record.evaluation is not None
    assert record.evaluation.passed
