"""The Dagster code location: assembly only."""

import dagster as dg

from orchestration.assets.archive import archive_assets
from orchestration.assets.models import dbt_resource, model_assets, prepare_manifest
from orchestration.assets.published import published_asset
from orchestration.assets.raw import build_asset, raw_assets
from orchestration.automation.decisions import decision_jobs
from orchestration.automation.home import home_lock
from orchestration.automation.job import nightly
from orchestration.builds.build import build_of_run
from orchestration.gates.checks import stage_checks
from orchestration.gates.suites import STAGES, load_suites
from orchestration.releases.archive import Archive
from orchestration.settings import Settings


def build_defs(settings: Settings) -> dg.Definitions:
    """All definitions for one home."""
    prepare_manifest()
    raw = raw_assets(settings)
    facts, marts = (model_assets(name, settings) for name in ("facts", "marts"))
    tables = sorted({*raw.keys, *facts.keys, *marts.keys})
    checks = [
        stage_checks(
            stage,
            load_suites(),
            build_of=lambda run_id: build_of_run(settings, run_id),
            archive=Archive(settings.archive),
        )
        for stage in STAGES
    ]
    assets = dg.Definitions(
        assets=[
            archive_assets(settings),
            build_asset(settings),
            raw,
            facts,
            marts,
            published_asset(settings, tables),
        ],
        asset_checks=checks,
        resources={"dbt": dbt_resource(), "home": home_lock(settings)},
    )
    return dg.Definitions.merge(assets, nightly(), decision_jobs(settings))


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions that `dagster -m orchestration.definitions` loads."""
    return build_defs(Settings.from_environment())
