"""The build that a run works on: its own, the one that it continues, a trial, or the newest one."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.assets import working_build
from orchestration.assets.working_build import BUILD, WorkingBuild, kind_of_build
from orchestration.builds.build import Build, all_builds
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.trial import trial_of
from orchestration.releases.archive import Archive
from orchestration.settings import Settings
from tests.support.builds import filled_build, sealed_build

FACT, MART = dg.AssetKey("fct"), dg.AssetKey("mart")
CHECK = dg.AssetCheckKey(FACT, "grain_is_unique")


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(tmp_path / "home")


@pytest.fixture
def working(settings: Settings) -> WorkingBuild:
    return WorkingBuild(settings, {FACT, MART})


def run(run_id: str, job: str = "__ASSET_JOB", **fields: Any) -> dg.DagsterRun:
    return dg.DagsterRun(job_name=job, run_id=run_id, **fields)


def during(now: dg.DagsterRun, *earlier: dg.DagsterRun) -> Any:
    """What a step sees while a run executes, in a history with these runs."""
    known = {one.run_id: one for one in (now, *earlier)}
    return SimpleNamespace(run=now, instance=SimpleNamespace(get_run_by_id=known.get))


def rows(build: Build) -> int:
    with duckdb.connect(str(build.database), read_only=True) as connection:
        [(count,)] = connection.execute("select count(*) from main.t").fetchall()
    return int(count)


def test_the_job_build_opens_a_build_of_its_own(settings: Settings, working: WorkingBuild) -> None:
    whole = run("run-one-", BUILD)
    opened = working.open(whole)
    assert opened.folder.parent == settings.builds
    assert working.of(during(whole)) == opened
    assert list(kind_of_build(opened)) == ["build"]


def test_so_does_a_run_of_every_table(settings: Settings, working: WorkingBuild) -> None:
    everything = run("run-one-", asset_selection=frozenset({FACT, MART}))
    assert working.open(everything).folder.parent == settings.builds


def test_no_build_is_opened_on_an_archive_that_has_lost_releases(own_home: Path) -> None:
    settings = Settings(own_home)
    builds, archive = all_builds(settings.builds), Archive(settings.archive)
    shutil.rmtree(archive.folder_of(archive.releases()[0]))
    with pytest.raises(dg.Failure, match="found 1 release missing"):
        WorkingBuild(settings, {FACT, MART}).open(run("run-one-", BUILD))
    assert all_builds(settings.builds) == builds


@pytest.mark.parametrize(
    "fields",
    [
        {"asset_selection": frozenset({FACT})},
        {"asset_selection": frozenset({FACT, MART}), "asset_check_selection": frozenset()},
        {"job": BUILD, "asset_selection": frozenset({MART})},
    ],
    ids=["some tables", "no checks", "some tables of the job"],
)
def test_a_run_of_less_works_on_a_copy_of_the_newest_build(
    fields: dict[str, Any], settings: Settings, working: WorkingBuild
) -> None:
    sealed_build(settings, "run-old-", rows=1)
    newest = sealed_build(settings, "run-new-", rows=7)
    some = run("run-one-", **fields)
    trial = working.of(during(some))
    assert trial.folder.parent == settings.trials
    assert trial_of(trial) == newest.build_id
    assert rows(trial) == 7
    with duckdb.connect(str(trial.database)) as connection:  # unlike the build, it can be written
        connection.execute("insert into main.t values (8)")
    assert rows(newest) == 7
    assert working.of(during(some)) == trial, "the next step works on the same one"
    assert newest.build_id in str(kind_of_build(trial)["trial"].value)


def test_the_operators_claims_are_those_of_the_start_and_in_a_trial_those_of_now(
    settings: Settings, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("then")
    working = WorkingBuild(replace(settings, claims=(mine,)), {FACT, MART})
    sealed_build(settings, "run-old-")
    build = working.open(run("run-one-", BUILD))
    trial = working.open(run("run-tri-", asset_selection=frozenset({FACT})))
    mine.write_text("now")
    assert [file.text for file in working.claims(build)] == ["then"]
    assert [file.text for file in working.claims(trial)] == ["now"]


def test_three_trials_are_kept(settings: Settings, working: WorkingBuild) -> None:
    sealed_build(settings, "run-one-")
    made = [
        working.of(during(run(f"run-{number}---", asset_selection=frozenset({FACT}))))
        for number in range(5)
    ]
    assert all_builds(settings.trials) == made[2:]


def test_without_a_build_there_is_nothing_to_try_a_run_on(
    settings: Settings, working: WorkingBuild
) -> None:
    filled_build(settings, "run-one-")  # not finished
    with pytest.raises(dg.Failure, match="launch the job build first"):
        working.of(during(run("run-two-", asset_selection=frozenset({FACT}))))


class TestARunThatContinuesAnother:
    def continued(self) -> tuple[dg.DagsterRun, dg.DagsterRun]:
        first = run("run-one-", BUILD)
        ids = {"root_run_id": first.run_id, "parent_run_id": first.run_id}
        return first, run("run-two-", BUILD, asset_selection=frozenset({MART}), **ids)

    def test_works_on_its_build(self, settings: Settings, working: WorkingBuild) -> None:
        first, second = self.continued()
        opened = working.open(first)
        assert working.of(during(second, first)) == opened

    def test_fails_if_a_later_run_has_removed_it(
        self, settings: Settings, working: WorkingBuild
    ) -> None:
        first, second = self.continued()
        working.open(first)
        working.open(run("run-six-", BUILD))
        with pytest.raises(dg.Failure, match="found no open build of run run-one-"):
            working.of(during(second, first))
        assert not settings.trials.exists()

    def test_fails_if_the_code_has_changed(
        self, working: WorkingBuild, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = self.continued()
        working.open(first)
        monkeypatch.setattr(working_build, "code_digest", lambda: "of another version")
        with pytest.raises(dg.Failure, match="found code that has changed"):
            working.of(during(second, first))

    def test_opens_another_build_if_it_repeats_every_step(self, working: WorkingBuild) -> None:
        first = run("run-one-", BUILD)
        again = run("run-two-", BUILD, root_run_id=first.run_id, parent_run_id=first.run_id)
        with duckdb.connect(str(working.open(first).database)) as connection:
            connection.execute("create table main.t as select 1 as i")
        opened = working.open(again)
        with pytest.raises(duckdb.CatalogException):  # nothing is left of the first one
            rows(opened)
        assert working.of(during(again, first)) == opened


def test_checks_alone_run_on_the_newest_build_itself(
    settings: Settings, working: WorkingBuild
) -> None:
    newest = sealed_build(settings, "run-one-", made_of=fingerprint(Archive(settings.archive), ()))
    only = run("run-two-", asset_selection=frozenset(), asset_check_selection=frozenset({CHECK}))
    assert working.of_checks(during(only)) == newest
    assert not settings.trials.exists()


def test_checks_of_tables_that_the_run_makes_run_on_the_same_trial(
    settings: Settings, working: WorkingBuild
) -> None:
    sealed_build(settings, "run-one-")
    some = run("run-two-", asset_selection=frozenset({FACT}))
    assert working.of_checks(during(some)) == working.of(during(some))
