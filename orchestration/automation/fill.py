"""The job `fill`: taking in the bundle and the landing folders on several workers at once.

What belongs here: the job, and its run. The workers share the archive and Dagster's database, and
nothing else: what they are to take in is in the run's configuration, what came of it in the events
of the run. The job is no part of the code location, since it needs the extra `workers`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.execution.api import execute_run_iterator
from dagster._core.storage.runs import SqliteRunStorage
from pydantic import Field, TypeAdapter

from orchestration.automation.console import console, console_logger, show_step
from orchestration.automation.dead_runs import fail_dead_runs
from orchestration.automation.run_failures import failure_of
from orchestration.automation.run_process import record_process
from orchestration.automation.runs import history_in
from orchestration.intake.batches import Listed, Plan, missing_in, take_batch
from orchestration.intake.outcome import IntakeOutcome
from orchestration.releases.archive import Archive
from orchestration.review.review import review, review_share
from orchestration.settings import ConfigurationError, Settings
from orchestration.wording import counted

FILL = "fill"
OUTCOMES = "outcomes"
SAID = "said"  # by a step, which may have a terminal of its own
_SERIALIZED = TypeAdapter(list[tuple[int, IntakeOutcome]])


class BatchConfig(dg.Config):
    """What one step takes in."""

    candidates: list[dict[str, Any]] = Field(description="The candidates of the batch.")


class ShareConfig(dg.Config):
    """Which share of the releases one step compares."""

    number: int = Field(description="Of the share, from 1.", ge=1)
    shares: int = Field(description="How many shares there are.", ge=1)


@dataclass(frozen=True)
class Filled:
    """The result of a run. outcomes: of every candidate, in the order in which one process would
    have taken them in. reason: why the run failed; None if it succeeded."""

    run_id: str
    outcomes: list[IntakeOutcome]
    reason: str | None


@dg.op(description="Read, check and archive the candidates of one batch.", out=dg.Out(dg.Nothing))
def take_in(context: dg.OpExecutionContext, config: BatchConfig) -> None:
    """The settings are the worker's own: each has a home, and knows where the shared archive and
    the landing folders are on its machine."""
    batch = [Listed.model_validate(listed) for listed in config.candidates]
    outcomes = list(take_batch(Settings.from_environment(), batch))
    found = _SERIALIZED.dump_python(outcomes, mode="json")
    said = f"took in {counted(len(outcomes), 'file')}"
    context.log.info(said)
    context.add_output_metadata({SAID: said, OUTCOMES: dg.MetadataValue.json(found)})


@dg.op(
    description="Compare a share of the releases with earlier ones, as if those of the other "
    "shares were accepted. The results are kept beside the archive.",
    ins={"taken_in": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
)
def compare_share(context: dg.OpExecutionContext, config: ShareConfig) -> None:
    """Of the releases of all datasets, since they are compared with those of other datasets."""
    archive = Archive(Settings.from_environment().archive)
    said = f"compared {counted(review_share(archive, config.number, config.shares), 'release')}"
    context.log.info(said)
    context.add_output_metadata({SAID: said})


@dg.op(
    description="Compare the releases with earlier ones, as far as that is not done. The result is "
    "kept beside the archive, where the next build finds it.",
    ins={"compared": dg.In(dg.Nothing)},
    out=dg.Out(dg.Nothing),
)
def compare(context: dg.OpExecutionContext) -> None:
    reviewed = review(Archive(Settings.from_environment().archive))
    accepted, held = len(reviewed.accepted()), len(reviewed.held())
    said = f"{counted(accepted, 'release')} accepted, {held} held"
    context.log.info(said)
    context.add_output_metadata({SAID: said})


def fill_job(batches: int, shares: int) -> dg.JobDefinition:
    """The job with so many steps that take in a batch, and so many that compare a share. Their
    numbers are fixed when a run starts, as `dask_executor` does not execute what a dynamic output
    adds."""
    from dagster_dask import dask_executor

    @dg.job(name=FILL, executor_def=dask_executor, logger_defs={"console": console})
    def job() -> None:
        taken_in = [take_in.alias(name)() for name in batch_names(batches)]
        compare([compare_share.alias(name)(taken_in) for name in share_names(shares)])

    return job


def batch_names(batches: int) -> list[str]:
    """The steps that take in a batch."""
    return [f"take_in_{number:03}" for number in range(1, batches + 1)]


def share_names(shares: int) -> list[str]:
    """The steps that compare a share."""
    return [f"compare_{number:03}" for number in range(1, shares + 1)]


def run_fill(
    settings: Settings, plan: Plan, scheduler: str, *, shares: int, is_elsewhere: bool
) -> Filled:
    """Take in a plan's batches on the workers of a scheduler, and compare the releases. A step
    whose worker dies is done by another one. Raises ConfigurationError if the workers of other
    homes could not write to Dagster's history, and WriteError if nobody can.

    shares: into how many the releases are split to compare them; as many as there are workers.
    is_elsewhere: the workers have homes and terminals of their own; what their steps say is then
    written here as well.
    """
    batches = len(plan.batches)
    steps = {"batches": batches, "shares": shares}
    job = dg.build_reconstructable_job(__name__, fill_job.__name__, reconstructable_kwargs=steps)
    with history_in(settings.dagster_home), dg.DagsterInstance.get() as instance:
        if is_elsewhere:
            _check_history(instance)
        fail_dead_runs(instance)
        run = instance.create_run_for_job(
            job.get_definition(), run_config=_config(plan.batches, shares, scheduler)
        )
        record_process(instance, run.run_id)
        happening = execute_run_iterator(job, run, instance)
        events = list(_shown(happening) if is_elsewhere else happening)
    failure = failure_of(events, settings.home)
    if failure is not None and failure.was_interrupted:
        raise KeyboardInterrupt
    outcomes = _outcomes(events) | plan.skipped
    in_order = [outcome for _, outcome in sorted(outcomes.items(), key=lambda item: item[0])]
    reason = failure.reason if failure is not None else _why_elsewhere(in_order, settings)
    return Filled(run.run_id, in_order, reason)


def _shown(events: Iterable[dg.DagsterEvent]) -> Iterator[dg.DagsterEvent]:
    """The events of a run, each written once its step is over."""
    logger = console_logger()
    for event in events:
        if event.is_successful_output and SAID in event.step_output_data.metadata:
            said = event.step_output_data.metadata[SAID].value
            show_step(logger, str(event.step_key), str(said))
        yield event


def _why_elsewhere(outcomes: Iterable[IntakeOutcome], settings: Settings) -> str | None:
    """Why what the workers took in is not in the archive of the fill; None if it is."""
    missing = missing_in(Archive(settings.archive), outcomes)
    if not missing:
        return None
    return (
        f"{settings.archive}: found {counted(len(missing), 'release')} missing that workers have "
        "taken in, expected all of them: give each worker this archive as BORDERLEDGER_ARCHIVE"
    )


def _check_history(instance: dg.DagsterInstance) -> None:
    if isinstance(instance.run_storage, SqliteRunStorage):
        raise ConfigurationError(
            "--scheduler: found Dagster's history in files of this home, expected it in "
            "PostgreSQL, where workers of other homes can write to it; see docs/operations.md"
        )


def _config(batches: Sequence[Sequence[Listed]], shares: int, scheduler: str) -> dict[str, Any]:
    steps: dict[str, Any] = {
        name: {"config": {"candidates": [listed.model_dump() for listed in batch]}}
        for name, batch in zip(batch_names(len(batches)), batches, strict=True)
    }
    for number, name in enumerate(share_names(shares), start=1):
        steps[name] = {"config": {"number": number, "shares": shares}}
    return {
        "ops": steps,
        "execution": {"config": {"cluster": {"existing": {"address": scheduler}}}},
        "loggers": {"console": {}},
    }


def _outcomes(events: Iterable[dg.DagsterEvent]) -> dict[int, IntakeOutcome]:
    """The outcome of each candidate, by its position, from the steps that succeeded."""
    found: dict[int, IntakeOutcome] = {}
    for event in events:
        if event.is_successful_output:
            data = event.step_output_data
            if OUTCOMES in data.metadata:
                found |= dict(_SERIALIZED.validate_python(data.metadata[OUTCOMES].value))
    return found
