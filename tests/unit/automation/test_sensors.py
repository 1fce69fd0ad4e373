"""The sensors: when a build follows, and when a file in a landing folder is fetched."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from orchestration.automation.sensors import BY_COMMAND, PARENT_TAG, SELECTED_ASSETS, sensors
from orchestration.builds.claim_files import claim_files
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lock import exclusive
from orchestration.builds.publishing import publish
from orchestration.releases.archive import Archive
from orchestration.settings import Limits, Settings
from tests.support.builds import sealed_build

LONG_AGO = time.time() - 3600
STARTED = dg.DagsterRunStatus.STARTED


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "landing").mkdir()
    return Settings(tmp_path / "home", (tmp_path / "landing",), limits=Limits(settle_seconds=60.0))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def ended(instance: dg.DagsterInstance, job: str, **tags: str) -> str:
    """Records a run of a job that has ended. Returns its id."""

    @dg.op
    def nothing() -> None:
        """A step."""

    @dg.job(name=job, tags=tags)
    def made() -> None:
        nothing()

    return made.execute_in_process(instance=instance).run_id


def tick(
    settings: Settings, name: str, instance: dg.DagsterInstance, cursor: str | None = None
) -> tuple[list[dg.RunRequest], str | None, str]:
    """The runs that a sensor asks for, its cursor afterwards, and why it asks for none."""
    [sensor] = [made for made in sensors(settings).sensors or () if made.name == name]
    assert isinstance(sensor, dg.SensorDefinition)
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    done = sensor.evaluate_tick(context)
    return list(done.run_requests or []), done.cursor, done.skip_message or ""


class TestABuild:
    def test_follows_on_a_run_of_nightly_with_something_new_and_only_once(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        ended(instance, "nightly")
        requests, cursor, _ = tick(settings, "build_when_new", instance)
        assert len(requests) == 1
        again, _, why = tick(settings, "build_when_new", instance, cursor)
        assert (again, why) == ([], "No run has finished that could have changed the archive.")

    def test_does_not_follow_if_nothing_is_new(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        made_of = fingerprint(Archive(settings.archive), ())
        build = sealed_build(settings, "run-one-", made_of=made_of)
        publish(build, settings)
        ended(instance, "nightly")
        requests, cursor, why = tick(settings, "build_when_new", instance)
        assert (requests, why) == ([], f"Nothing is new since build {build.build_id}.")
        settings.published.unlink()  # then it is made again
        ended(instance, "nightly")
        requests, _, _ = tick(settings, "build_when_new", instance, cursor)
        assert len(requests) == 1

    def test_follows_if_a_file_of_claims_has_changed(
        self, settings: Settings, instance: dg.DagsterInstance, tmp_path: Path
    ) -> None:
        mine = tmp_path / "mine.csv"
        mine.write_text("claim_id,measure,period,test\n")
        settings = replace(settings, claims=(mine,))
        made_of = fingerprint(Archive(settings.archive), claim_files(settings))
        publish(sealed_build(settings, "run-one-", made_of=made_of), settings)
        ended(instance, "nightly")
        assert tick(settings, "build_when_new", instance)[0] == []
        mine.write_text("claim_id,measure,period,test\na,people,2024-11,equals\n")
        assert len(tick(settings, "build_when_new", instance)[0]) == 1

    def test_follows_if_the_last_build_failed_although_nothing_is_new(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        """Until a build succeeds, tables and checks show the failed one."""
        made_of = fingerprint(Archive(settings.archive), ())
        publish(sealed_build(settings, "run-one-", made_of=made_of), settings)
        failed = instance.add_run(dg.DagsterRun(job_name="build", status=STARTED))
        instance.report_run_failed(failed)
        ended(instance, "nightly")
        requests, cursor, _ = tick(settings, "build_when_new", instance)
        assert len(requests) == 1
        assert tick(settings, "build_when_new", instance, cursor)[0] == []
        ended(instance, "build")
        ended(instance, "nightly")
        assert tick(settings, "build_when_new", instance, cursor)[0] == []

    @pytest.mark.parametrize(
        ("selected", "follows"), [("sources/landing", True), ("dim_release", False)]
    )
    def test_follows_if_somebody_materialized_sources(
        self, selected: str, follows: bool, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        keys = frozenset([dg.AssetKey(selected.split("/"))])
        run = dg.DagsterRun(job_name=SELECTED_ASSETS, asset_selection=keys, status=STARTED)
        instance.report_run_canceled(instance.add_run(run))
        assert tick(settings, "build_when_new", instance)[0] == []
        run = dg.DagsterRun(job_name=SELECTED_ASSETS, asset_selection=keys, status=STARTED)
        instance.report_run_failed(instance.add_run(run))
        assert bool(tick(settings, "build_when_new", instance)[0]) is follows

    def test_does_not_follow_on_a_run_of_the_command_which_builds_itself(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        ended(instance, "nightly", **{BY_COMMAND: "1"})
        assert tick(settings, "build_when_new", instance)[0] == []

    def test_follows_on_a_run_of_the_command_that_was_repeated_in_the_ui(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        first = ended(instance, "nightly", **{BY_COMMAND: "1"})
        ended(instance, "nightly", **{BY_COMMAND: "1", PARENT_TAG: first})
        assert len(tick(settings, "build_when_new", instance)[0]) == 1

    def test_waits_while_another_run_uses_the_home(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        ended(instance, "nightly")
        with exclusive(settings.home):
            requests, cursor, why = tick(settings, "build_when_new", instance)
        assert requests == []
        assert "using the home" in why
        assert len(tick(settings, "build_when_new", instance, cursor)[0]) == 1

    @pytest.mark.parametrize("job", ["decide", "redate"])
    def test_follows_on_a_decision(
        self, job: str, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        ended(instance, job)
        assert len(tick(settings, "build_when_new", instance)[0]) == 1


class TestALandingFolder:
    def put(self, settings: Settings, name: str, changed: float = LONG_AGO) -> Path:
        path = settings.landing[0] / "cbp_southwest_encounters" / "2025-01" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a file")
        os.utime(path, (changed, changed))
        return path

    def test_that_is_empty_starts_nothing(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        assert tick(settings, "landing_folders", instance)[0] == []

    def test_with_a_new_or_a_changed_file_is_fetched_once(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        path = self.put(settings, "a.csv")
        requests, cursor, _ = tick(settings, "landing_folders", instance)
        assert [r.run_config["ops"]["sources"]["config"]["offline"] for r in requests] == [True]
        assert tick(settings, "landing_folders", instance, cursor)[0] == []
        path.write_text("another file")
        os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))
        assert len(tick(settings, "landing_folders", instance, cursor)[0]) == 1

    def test_with_a_file_that_may_still_grow_waits_for_that_one(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        growing = self.put(settings, "growing.csv", changed=time.time())
        requests, cursor, why = tick(settings, "landing_folders", instance)
        assert (requests, cursor) == ([], None)
        assert "no file in a landing folder that is complete" in why
        self.put(settings, "a.csv")
        requests, cursor, _ = tick(settings, "landing_folders", instance)
        assert len(requests) == 1
        assert tick(settings, "landing_folders", instance, cursor)[0] == []
        os.utime(growing, (LONG_AGO, LONG_AGO))
        assert len(tick(settings, "landing_folders", instance, cursor)[0]) == 1

    def test_with_a_file_from_the_future_is_fetched_once(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        self.put(settings, "a.csv", changed=time.time() + 10**9)
        requests, cursor, _ = tick(settings, "landing_folders", instance)
        assert len(requests) == 1
        assert tick(settings, "landing_folders", instance, cursor)[0] == []

    def test_that_is_emptied_starts_nothing(
        self, settings: Settings, instance: dg.DagsterInstance
    ) -> None:
        path = self.put(settings, "a.csv")
        _, cursor, _ = tick(settings, "landing_folders", instance)
        path.unlink()
        requests, cursor, _ = tick(settings, "landing_folders", instance, cursor)
        assert requests == []
        assert tick(settings, "landing_folders", instance, cursor)[0] == []
