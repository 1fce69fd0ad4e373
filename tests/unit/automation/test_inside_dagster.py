"""What we use from inside Dagster, which may change without notice: the modules that do so, and the
version that they were written against."""

import ast

import dagster as dg

from tests.conftest import PROJECT

WRITTEN_AGAINST = "1.13.27"
TRY = "read what changed in these, try `borderledger ui` and tests/resilience/test_stuck_runs.py"
INSIDE = {
    "assets/archive_checks.py": "the materialization that a check's result is about",
    "assets/archive.py": "the tags by which an asset is in sync with those before it",
    "automation/code_process.py": "the proxy, how it starts a code server, and that one a run",
    "automation/code_server.py": "gRPC client, the tag that names a run's code server",
    "automation/compute_logs.py": "the processes that pass on what steps print",
    "automation/daemon.py": "the daemon's module",
    "automation/fill.py": "running a job in this process, the storage of runs in SQLite",
    "automation/old_runs.py": "the tables of events and checks, of which old runs are deleted",
    "automation/preload.py": "what a code server and a run import, which takes long",
    "automation/run_failures.py": "the kinds of errors and of failures of a run",
    "automation/run_history.py": "SQLite storage, its base folder and connections",
    "automation/run_launcher.py": "health checks of the default launcher",
    "automation/runs.py": "running a job in this process, with the origin that the UI shows",
    "automation/services.py": "workspace, web application, the daemon's module",
    "automation/web_server.py": "workspace, web application",
}


def test_modules_that_use_dagsters_inside_were_written_against_this_version() -> None:
    assert dg.__version__ == WRITTEN_AGAINST, f"{TRY}: {', '.join(INSIDE)}; then change this test"


def test_no_other_module_uses_dagsters_inside() -> None:
    root = PROJECT / "orchestration"
    found = {
        str(path.relative_to(root)) for path in root.rglob("*.py") if _uses_inside(path.read_text())
    }
    assert found == set(INSIDE)


def _uses_inside(code: str) -> bool:
    """Whether a module imports from a package of Dagster's whose name begins with an underscore, or
    runs one by its name."""
    names = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
        elif isinstance(node, ast.Import):
            names.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.append(node.value)
    return any(name.startswith(("dagster._", "dagster_webserver.")) for name in names)
