"""The Dagster UI on a home, as `borderledger ui` starts it, and a headless browser."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.conftest import PROJECT

START_SECONDS, STOP_SECONDS, PAGE_SECONDS = 120, 30, 30
PROCESSES = Path("/proc")
CHROMIUM = shutil.which("chromium")
NEEDS_BROWSER = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser, and found no chromium on the PATH"
)
WINDOW: ViewportSize = {"width": 1500, "height": 1060}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Server:
    """A running UI. Its processes are those whose environment names its home."""

    home: Path
    landing: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serve(home: Path, landing: Path) -> Iterator[Server]:
    """Start the UI in its own process group; at the end stop it."""
    server = Server(home, landing, free_port())
    environment = os.environ | {
        "BORDERLEDGER_HOME": str(home),
        "BORDERLEDGER_LANDING": str(landing),
        "BORDERLEDGER_OFFLINE": "1",
    }
    log = home / "ui.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", "ui", "--port", str(server.port)],
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait(lambda: _answers(server) or process.poll() is not None, START_SECONDS)
        assert _answers(server), f"the UI does not answer:\n{log.read_text()}"
        yield server
    finally:
        _stop(process, home)


@contextmanager
def serve_copy(published: Path, folder: Path) -> Iterator[Server]:
    """Start the UI on a copy of a home, with an empty landing folder; at the end stop it."""
    home, landing = folder / "home", folder / "landing"
    shutil.copytree(published, home)
    landing.mkdir()
    with serve(home, landing) as server:
        yield server


@contextmanager
def browse() -> Iterator[Page]:
    """A page in headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            page = browser.new_page(viewport=WINDOW)
            page.set_default_timeout(PAGE_SECONDS * 1000)
            expect.set_options(timeout=PAGE_SECONDS * 1000)
            yield page
        finally:
            browser.close()


def wait(until: Callable[[], bool], seconds: float, every: float = 0.1) -> bool:
    """Poll until a condition holds. Returns False if it does not hold in time."""
    deadline = time.monotonic() + seconds
    while not until():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def processes_of(home: Path) -> list[int]:
    """The processes started for a home, whether or not they are in its group."""
    mark = f"BORDERLEDGER_HOME={home}\0".encode()
    found = []
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has just ended, or belongs to another user
            continue
    return found


def _stop(process: subprocess.Popen[bytes], home: Path) -> None:
    """Stop the UI as a service manager does; what it has started must end with it."""

    def gone() -> bool:
        return process.poll() is not None and not processes_of(home)

    process.terminate()
    if wait(gone, STOP_SECONDS):
        return
    left = processes_of(home)
    for pid in {process.pid, *left}:
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, signal.SIGKILL)
    raise AssertionError(f"processes left running: {left}")


def _answers(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/server_info", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
