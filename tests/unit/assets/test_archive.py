"""Releases as partitions of their archives: when one is shown, and how it is read again."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.assets.archive import archive_assets
from orchestration.assets.names import archive_key, releases_of
from orchestration.assets.sources import source_assets
from orchestration.releases.archive import Archive
from orchestration.review.decisions import decide
from orchestration.review.review import review
from orchestration.settings import Settings
from tests.support.cbp_files import SOUTHWEST
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
KEY = archive_key(SOUTHWEST)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path, offline=True)
    made.dagster_home.mkdir(parents=True)
    return made


@pytest.fixture
def archive(settings: Settings) -> Archive:
    """An archive of two releases, of which the second is held."""
    return archive_of(settings.home, FIRST, WRONG)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def look(settings: Settings, instance: dg.DagsterInstance) -> None:
    """A run of the sources that finds nothing new, as the archive is filled already."""
    sources = source_assets(settings, fetched=[])
    assert dg.materialize([sources], instance=instance, resources={"home": None}).success


def shown(instance: dg.DagsterInstance) -> list[tuple[str | None, object]]:
    """The partition and the verdict of each materialization of the archive, oldest first."""
    found = instance.fetch_materializations(KEY, limit=20).records
    materialized = [record.asset_materialization for record in reversed(found)]
    return [(m.partition, m.metadata["verdict"].value) for m in materialized if m is not None]


def names(archive: Archive) -> list[str]:
    return [release.folder_name for release in archive.releases()]


def test_each_release_becomes_a_partition_with_its_verdict(
    settings: Settings, archive: Archive, instance: dg.DagsterInstance
) -> None:
    look(settings, instance)
    first, second = names(archive)
    assert instance.get_dynamic_partitions(releases_of(SOUTHWEST).name or "") == [first, second]
    assert shown(instance) == [(first, "accepted"), (second, "held")]


def test_a_release_is_shown_again_only_when_it_has_changed(
    settings: Settings, archive: Archive, instance: dg.DagsterInstance
) -> None:
    look(settings, instance)
    look(settings, instance)
    assert len(shown(instance)) == 2
    [held] = review(archive).held()
    decide(archive, held.release_id, "accepted", "recounted", "Ada")
    look(settings, instance)
    assert shown(instance)[2:] == [(held.folder_name, "accepted")]


def test_the_latest_materialization_shows_every_release_and_how_to_decide(
    settings: Settings, archive: Archive, instance: dg.DagsterInstance
) -> None:
    look(settings, instance)
    latest = instance.get_latest_materialization_event(KEY)
    assert latest is not None
    assert latest.asset_materialization is not None
    metadata = latest.asset_materialization.metadata
    table = metadata["every release"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [record.data["verdict"] for record in table.records] == ["held", "accepted"]
    [held] = review(archive).held()
    [how] = [value for name, value in metadata.items() if name.endswith(": how to decide")]
    assert f"borderledger accept {held.release_id}" in str(how.value)


def test_a_partition_is_read_again_from_the_archived_bytes(
    settings: Settings, archive: Archive, instance: dg.DagsterInstance
) -> None:
    look(settings, instance)
    first, _ = archive.releases()
    path = archive.rows_path(first)
    path.unlink()
    done = reread(settings, instance, first.folder_name)
    assert done.success
    assert path.exists()
    assert shown(instance)[2:] == [(first.folder_name, "accepted")]


def test_a_partition_without_a_release_says_so(
    settings: Settings, archive: Archive, instance: dg.DagsterInstance
) -> None:
    instance.add_dynamic_partitions(releases_of(SOUTHWEST).name or "", ["2020-01_gone"])
    done = reread(settings, instance, "2020-01_gone")
    assert not done.success
    [failure] = [event for event in done.all_events if event.is_step_failure]
    assert "found no release 2020-01_gone in the archive" in str(failure.step_failure_data.error)


def reread(
    settings: Settings, instance: dg.DagsterInstance, partition: str
) -> dg.ExecuteInProcessResult:
    [asset] = [made for made in archive_assets(settings) if made.key == KEY]
    return dg.materialize(
        [asset],
        instance=instance,
        partition_key=partition,
        resources={"home": None},
        raise_on_error=False,
    )
