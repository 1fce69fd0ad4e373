"""Jobs by which a person decides on a release in Dagster's UI, as with the commands.

What belongs here: their config forms. What a decision does is in `review.decisions`.
"""

from collections.abc import Callable
from enum import Enum

import dagster as dg
from pydantic import Field

from orchestration.assets.archive_checks import show_changes
from orchestration.automation.run_process import record_process
from orchestration.releases.archive import Archive
from orchestration.releases.release import Decided, Release
from orchestration.review.decisions import decide, redate_release
from orchestration.settings import ConfigurationError, Settings
from orchestration.surroundings import whoami


class Choice(Enum):
    """The decisions, under the names of the commands."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"


VERDICTS: dict[Choice, Decided] = {
    Choice.ACCEPT: "accepted",
    Choice.REFUSE: "refused",
    Choice.WITHDRAW: "withdrawn",
    Choice.REINSTATE: "reinstated",
}
RELEASE_ID = "The release's id, or its beginning, as the archive's asset and `releases` show it."
BY = "Who decides; default: the user who runs the UI."


class DecisionConfig(dg.Config):
    """The form of a decision."""

    release_id: str = Field(description=RELEASE_ID)
    decision: Choice = Field(description="What to do with it.")
    reason: str = Field(description="The reason, which the archive keeps.")
    by: str = Field(default="", description=BY)


class RedatingConfig(dg.Config):
    """The form of a corrected publication date."""

    release_id: str = Field(description=RELEASE_ID)
    published_on: str = Field(description="YYYY-MM-DD, or YYYY-MM.")
    reason: str = Field(description="The reason, which the archive keeps.")
    by: str = Field(default="", description=BY)


def decision_jobs(settings: Settings) -> dg.Definitions:
    """The jobs `decide` and `redate`, each of one step; a run of `build` follows, with what they
    stored. A decision that cannot be made fails the step with the reason."""

    @dg.op(description="Store a decision on one release.")
    def decide_on_release(context: dg.OpExecutionContext, config: DecisionConfig) -> None:
        verdict = VERDICTS[config.decision]
        _report(
            context,
            settings,
            verdict,
            lambda: decide(
                Archive(settings.archive),
                config.release_id,
                verdict,
                config.reason,
                _who(config.by),
            ),
        )

    @dg.op(description="Correct the publication date of one release, and check its file again.")
    def redate_one_release(context: dg.OpExecutionContext, config: RedatingConfig) -> None:
        _report(
            context,
            settings,
            "redated",
            lambda: redate_release(
                settings, config.release_id, config.published_on, config.reason, _who(config.by)
            ),
        )

    @dg.job(
        name="decide",
        description="Accept, refuse, withdraw or reinstate one release. A run of build follows.",
        executor_def=dg.in_process_executor,
    )
    def decide_job() -> None:
        decide_on_release()

    @dg.job(
        name="redate",
        description="Correct the publication date of one release. A run of build follows.",
        executor_def=dg.in_process_executor,
    )
    def redate_job() -> None:
        redate_one_release()

    return dg.Definitions(jobs=[decide_job, redate_job])


def _report(
    context: dg.OpExecutionContext, settings: Settings, done: str, make: Callable[[], Release]
) -> None:
    """Make a decision, log it, and show what it changes. Raises Failure, without a traceback, if
    it cannot be made."""
    record_process(context.instance, context.run_id)
    try:
        release = make()
    except ConfigurationError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    context.log.info(f"{done} {release.describe()}")
    show_changes(context, settings)


def _who(by: str) -> str:
    return by.strip() or whoami()
