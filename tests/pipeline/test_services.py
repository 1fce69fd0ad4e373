"""Web server, daemon and code server as services: each starts, stops and restarts by itself."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT, run_command
from tests.pipeline.browser.serving import free_port, processes_of, wait

START_SECONDS, STOP_SECONDS = 120, 60
LOCATIONS = (
    "{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } } } } }"
)
LAUNCH = """mutation { launchRun(executionParams: {selector: {
  repositoryLocationName: "orchestration.definitions", repositoryName: "__repository__",
  pipelineName: "nightly"}, runConfigData: {}, mode: "default"}) { __typename } }"""


class Service:
    """One service of a home. port: of a web server."""

    def __init__(self, home: Path, *options: str) -> None:
        self.port = free_port() if "web" in options else 0
        self._home = home
        self._arguments = ["ui", "--only", *options]
        if self.port:
            self._arguments += ["--port", str(self.port)]
        self._log = home / f"{'-'.join(options)}.log"
        self.start()

    def start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "orchestration.cli", *self._arguments],
                cwd=PROJECT,
                env=os.environ
                | {"BORDERLEDGER_HOME": str(self._home), "BORDERLEDGER_OFFLINE": "1"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> int:
        """Stop it as a service manager does. Returns its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise

    def ask(self, query: str) -> dict[str, Any]:
        """Its web server's answer to a query."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)["data"]
            return found

    def shows_the_location(self) -> bool:
        try:
            nodes = self.ask(LOCATIONS)["repositoriesOrError"].get("nodes", [])
        except OSError:  # it does not listen yet
            return False
        return [node["location"]["name"] for node in nodes] == ["orchestration.definitions"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty home, whose services have all ended afterwards."""
    path = tmp_path_factory.mktemp("services") / "home"
    path.mkdir()
    yield path
    wait(lambda: not processes_of(path), STOP_SECONDS)
    assert processes_of(path) == []


@pytest.mark.long
def test_each_service_restarts_without_the_others(home: Path) -> None:
    with contextlib.ExitStack() as stack:
        looking = Service(home, "web", "--read-only")
        stack.callback(looking.stop)
        code = Service(home, "code")
        stack.callback(code.stop)
        assert wait(looking.shows_the_location, START_SECONDS), "whichever starts first"
        assert looking.ask(LAUNCH)["launchRun"] == {"__typename": "UnauthorizedError"}
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(
                urllib.request.Request(
                    f"http://127.0.0.1:{looking.port}/", headers={"Origin": "http://other.example"}
                ),
                timeout=30,
            )
        assert code.stop() == 0
        code.start()
        daemon = Service(home, "daemon")
        stack.callback(daemon.stop)
        assert wait(looking.shows_the_location, START_SECONDS), "the code server is back"
        assert looking.stop() == 0
        looking.start()
        assert wait(looking.shows_the_location, START_SECONDS), "the web server is back"


def test_only_a_web_server_is_read_only(tmp_path: Path) -> None:
    done = run_command(tmp_path / "home", "ui", "--only", "daemon", "--read-only", expect=2)
    assert "--read-only: found --only daemon, expected --only web" in done.stderr


def test_a_path_that_is_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    done = run_command(home, "ui", "--only", "code", expect=2)
    assert "expected at most 107 for a socket" in done.stderr
