"""The code location: everything that a person sees in Dagster's UI says what it is."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster import RepositoryDefinition

from orchestration.definitions import build_defs
from orchestration.settings import PROJECT, Settings

BY_DAGSTER = "io_manager"  # a resource that Dagster adds to every job
WITHOUT_COLUMNS = ("archive/", "build", "border_duckdb", "report", "sealed_build", "sources/")
TABLE_MACROS = ("_as_of", "_changed_between")


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return build_defs(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def repository(definitions: dg.Definitions) -> RepositoryDefinition:
    found = definitions.get_repository_def()
    assert isinstance(found, RepositoryDefinition)
    return found


def described(
    definitions: dg.Definitions, repository: RepositoryDefinition
) -> Iterator[tuple[str, str | None]]:
    """The name and the description of everything that has one."""
    for node in definitions.resolve_asset_graph().asset_nodes:
        yield f"asset {node.key.to_user_string()}", node.description
    for checks in definitions.asset_checks or []:
        assert isinstance(checks, dg.AssetChecksDefinition)
        for spec in checks.check_specs:
            yield f"check {spec.name}", spec.description
    for job in repository.get_all_jobs():
        if not job.name.startswith("__"):  # Dagster's own, for any selection of assets
            yield f"job {job.name}", job.description
            yield from described_in_job(job)
    for schedule in repository.schedule_defs:
        yield f"schedule {schedule.name}", schedule.description
    for sensor in repository.sensor_defs:
        yield f"sensor {sensor.name}", sensor.description


def described_in_job(job: dg.JobDefinition) -> Iterator[tuple[str, str | None]]:
    """The resources, the steps and the fields of their forms."""
    for name, resource in job.resource_defs.items():
        if name != BY_DAGSTER:
            yield f"resource {name}", resource.description
    for node in job.nodes:
        yield f"step {node.name}", node.definition.description
        yield from described_fields(node.name, node.definition)


def described_fields(step: str, definition: object) -> Iterator[tuple[str, str | None]]:
    """The fields of a step's form."""
    assert isinstance(definition, dg.OpDefinition)
    schema = definition.config_schema
    fields = getattr(schema.config_type, "fields", {}) if schema else {}
    for name, field in fields.items():
        yield f"field {step}.{name}", field.description


def test_everything_has_a_description(
    definitions: dg.Definitions, repository: RepositoryDefinition
) -> None:
    found = list(described(definitions, repository))
    kinds = {name.partition(" ")[0] for name, _ in found}
    assert {"asset", "check", "job", "resource", "step", "field", "schedule"} <= kinds
    assert [name for name, description in found if not (description or "").strip()] == []


def test_every_asset_has_tags_kinds_and_an_owner(definitions: dg.Definitions) -> None:
    for node in definitions.resolve_asset_graph().asset_nodes:
        assert node.tags["stage"], node.key
        assert node.kinds, node.key
        assert node.owners, node.key


def test_every_table_shows_its_columns_before_it_is_built(definitions: dg.Definitions) -> None:
    for node in definitions.resolve_asset_graph().asset_nodes:
        name = node.key.to_user_string()
        if not name.startswith(WITHOUT_COLUMNS) and not name.endswith(TABLE_MACROS):
            assert "dagster/column_schema" in node.metadata, name


def test_no_metadata_of_a_definition_has_a_path_of_this_machine(
    definitions: dg.Definitions,
) -> None:
    for node in definitions.resolve_asset_graph().asset_nodes:
        for name, value in node.metadata.items():
            if not name.startswith("dagster_dbt/"):  # not shown
                assert str(PROJECT) not in str(value), f"{node.key.to_user_string()}: {name}"
    for checks in definitions.asset_checks or []:
        assert isinstance(checks, dg.AssetChecksDefinition)
        for spec in checks.check_specs:
            assert str(PROJECT) not in f"{spec.description} {spec.metadata}", spec.name


def test_files_that_the_ui_refers_to_exist(definitions: dg.Definitions) -> None:
    for node in definitions.resolve_asset_graph().asset_nodes:
        references = node.metadata.get("dagster/code_references")
        if isinstance(references, dg.CodeReferencesMetadataValue):
            for reference in references.code_references:
                assert isinstance(reference, dg.LocalFileCodeReference)
                assert not Path(reference.file_path).is_absolute()
                assert (PROJECT / reference.file_path).is_file(), reference.file_path
