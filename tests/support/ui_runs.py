"""Runs in the UI, launched and watched as its pages do it: over GraphQL."""

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.automation.run_process import PROCESS_TAG

LAUNCH = """
mutation Launch($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
    ... on RunConfigValidationInvalid { errors { message } }
  }
}
"""
TERMINATE = """
mutation Terminate($run: String!) {
  terminateRun(runId: $run) { __typename ... on TerminateRunFailure { message } }
}
"""
RUNS = """
query Runs {
  runsOrError(limit: 50) {
    ... on Runs { results { runId jobName status tags { key value } } }
  }
}
"""
STEPS = """
query Steps($run: ID!) {
  runOrError(runId: $run) { ... on Run { stepStats { stepKey status } } }
}
"""
BEGUN = """
query Begun($run: ID!, $after: String) {
  logsForRun(runId: $run, afterCursor: $after) {
    ... on EventConnection { cursor hasMore events {
      ... on ExecutionStepStartEvent { stepKey }
    } }
  }
}
"""
STATUS = """
query Status($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }
"""
FAILURE = """
query Failure($run: ID!, $after: String) {
  logsForRun(runId: $run, afterCursor: $after) {
    ... on EventConnection { cursor hasMore events {
      __typename
      ... on RunFailureEvent { message }
      ... on RunCanceledEvent { message }
      ... on LogMessageEvent { message }
    } }
  }
}
"""


@dataclass
class StepsBegun:
    """The steps of a run that have begun. To look again is cheap: the UI then reads only the events
    since, where `UiRun.steps` makes it read all."""

    url: str
    run_id: str
    _steps: set[str] = field(default_factory=set)
    _after: str | None = None

    def look(self) -> set[str]:
        """The steps that have begun by now."""
        has_more = True
        while has_more:
            variables = {"run": self.run_id, "after": self._after}
            page = ask(self.url, BEGUN, variables)["logsForRun"]
            self._after, has_more = page["cursor"], page["hasMore"]
            self._steps |= {event["stepKey"] for event in page["events"] if event}
        return self._steps


@dataclass(frozen=True)
class UiRun:
    """A run as the UI at an address shows it."""

    url: str
    run_id: str
    job: str
    status: str
    tags: dict[str, str]

    @property
    def steps(self) -> dict[str, str]:
        """The status of each step that has begun by now. The UI reads all events of the run for
        it, which is too much work for whoever only waits for the run's end."""
        found = ask(self.url, STEPS, {"run": self.run_id})["runOrError"]
        return {step["stepKey"]: step["status"] for step in found["stepStats"]}

    @property
    def process(self) -> int:
        """The process that executes it."""
        return int(json.loads(self.tags[PROCESS_TAG])["pid"])


def launch(
    url: str, job: str, config: dict[str, Any], assets: Sequence[str] = (), *, checks: bool = True
) -> str:
    """Launch a job of the UI at this address. Returns the run's id.

    assets: of the job's, those to make; all of them if there are none. checks: whether to run those
    of these assets.
    """
    selector: dict[str, Any] = {
        "repositoryLocationName": "orchestration.definitions",
        "repositoryName": "__repository__",
        "jobName": job,
    }
    if assets:
        selector["assetSelection"] = [{"path": asset.split("/")} for asset in assets]
        selector |= {} if checks else {"assetCheckSelection": []}
    parameters = {"selector": selector, "runConfigData": json.dumps(config)}
    found = ask(url, LAUNCH, {"parameters": parameters})["launchRun"]
    assert found["__typename"] == "LaunchRunSuccess", found
    return str(found["run"]["runId"])


def terminate(url: str, run_id: str) -> None:
    """Cancel a run, as its page does."""
    found = ask(url, TERMINATE, {"run": run_id})["terminateRun"]
    assert found["__typename"] == "TerminateRunSuccess", found


def runs(url: str) -> dict[str, UiRun]:
    """The newest runs by their id, the newest first."""
    return {
        run["runId"]: UiRun(
            url,
            run["runId"],
            run["jobName"],
            run["status"],
            {tag["key"]: tag["value"] for tag in run["tags"]},
        )
        for run in ask(url, RUNS, {})["runsOrError"]["results"]
    }


def status(url: str, run_id: str) -> str:
    """A run's status, which is what to poll: it takes the UI a fiftieth of a second."""
    return str(ask(url, STATUS, {"run": run_id})["runOrError"]["status"])


def messages(url: str, run_id: str) -> dict[str, list[str]]:
    """The messages in a run's log, by the kind of event. The UI gives a thousand at a time."""
    found: dict[str, list[str]] = {}
    after, has_more = None, True
    while has_more:
        page = ask(url, FAILURE, {"run": run_id, "after": after})["logsForRun"]
        after, has_more = page["cursor"], page["hasMore"]
        for event in page["events"]:
            if "message" in event:
                found.setdefault(event["__typename"], []).append(event["message"])
    return found


def ask(url: str, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Send a query to the UI. Returns its data; fails on errors."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{url}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data
