"""Jobs of one step, under the names of ours, whose runs succeed or fail as a test wants."""

import dagster as dg


@dg.op(config_schema={"fails": bool})
def perhaps(context: dg.OpExecutionContext) -> None:
    """A step that fails if its run is to."""
    if context.op_config["fails"]:
        raise ValueError("no space")


def small_job(name: str) -> dg.JobDefinition:
    @dg.job(name=name)
    def job() -> None:
        perhaps()

    return job


def run(
    instance: dg.DagsterInstance,
    job: str,
    *,
    fails: bool,
    tags: dict[str, str] | None = None,
) -> str:
    """Run a small job of this name. Returns the run's id."""
    config = run_config(fails=fails)
    done = small_job(job).execute_in_process(
        config, instance=instance, raise_on_error=False, tags=tags
    )
    return done.run_id


def run_config(*, fails: bool) -> dict[str, object]:
    return {"ops": {"perhaps": {"config": {"fails": fails}}}, "loggers": {"console": {}}}
