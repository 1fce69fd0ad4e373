"""The Dagster code location: assembly only."""

import dagster as dg

from orchestration.assets.claims import claim_assets, claim_specs
from orchestration.assets.dbt_project import prepare_manifest
from orchestration.assets.lake import lake_assets
from orchestration.assets.models import model_assets, model_keys
from orchestration.assets.names import BUILD
from orchestration.assets.published import published_spec, sealed_asset
from orchestration.assets.raw import build_asset, raw_assets, raw_specs
from orchestration.assets.report import report_asset
from orchestration.assets.working_build import WorkingBuild
from orchestration.automation.decisions import decision_jobs
from orchestration.automation.job import building, fetching
from orchestration.automation.rebuild import rebuild_job
from orchestration.automation.retention import retention
from orchestration.automation.sensors import sensors
from orchestration.gates.checks import stage_checks
from orchestration.gates.process import GreatExpectationsProcess
from orchestration.gates.suites import STAGES, load_suites
from orchestration.settings import Settings
from orchestration.surroundings import forget_variables_of_builds


def build_defs(
    settings: Settings, checking: GreatExpectationsProcess | None = None
) -> dg.Definitions:
    """All definitions for one home. checking: for the first run of the job `build`; see
    `great_expectations`."""
    forget_variables_of_builds()
    prepare_manifest()
    specs = (*raw_specs(), *claim_specs())
    tables = {*(spec.key for spec in specs), *model_keys()}
    working = WorkingBuild(settings, {BUILD, *tables})
    checks = [stage_checks(stage, load_suites(), working, settings) for stage in STAGES]
    assets = dg.Definitions(
        assets=[
            build_asset(settings, working),
            raw_assets(settings, working),
            *(model_assets(name, working) for name in ("facts", "marts")),
            claim_assets(working),
            sealed_asset(settings, working, tables),
            published_spec(),
            report_asset(settings),
            *lake_assets(settings),
        ],
        asset_checks=checks,
    )
    return dg.Definitions.merge(
        fetching(settings),
        assets,
        building(checking),
        sensors(settings),
        decision_jobs(settings),
        rebuild_job(settings),
        retention(settings),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `dagster -m orchestration.definitions` loads."""
    return build_defs(Settings.from_environment())
