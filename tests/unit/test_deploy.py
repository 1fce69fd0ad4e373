"""The systemd units: systemd accepts them, and they are confined as docs/operations.md says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import PROJECT

UNITS = PROJECT / "deploy" / "systemd"
INSTALLED = "/opt/borderledger"
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 25  # in tenths of the exposure that systemd computes: 0 is best, 100 worst
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze, found none")


def names(ending: str) -> list[str]:
    return sorted(path.name for path in UNITS.glob(f"*.{ending}"))


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as if they were installed, with the command where this checkout has it."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for path in folder.rglob("*.*"):
        if path.is_file():
            path.write_text(path.read_text().replace(INSTALLED, str(PROJECT)))
    return folder


def analyze(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run(
        [ANALYZE, *arguments],
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@needs_systemd
def test_systemd_accepts_the_units(installed: Path) -> None:
    units = [str(installed / name) for name in (*names("service"), *names("timer"))]
    done = analyze(installed, "verify", *units)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_systemd_refuses_a_unit_with_a_slip(installed: Path) -> None:
    path = installed / "borderledger-web.service"
    path.write_text(path.read_text().replace("ExecStart=", "ExecStrat="))
    assert "ExecStrat" in analyze(installed, "verify", str(path)).stderr


@needs_systemd
@pytest.mark.parametrize("name", names("service"))
def test_a_service_is_confined(installed: Path, name: str) -> None:
    options = ("security", "--offline=yes", f"--threshold={MOST_EXPOSED}")
    done = analyze(installed, *options, str(installed / name))
    assert done.returncode == 0, done.stdout


def test_every_service_is_a_command_that_exists_and_has_what_all_share() -> None:
    shared = (UNITS / "borderledger-.service.d" / "common.conf").read_text()
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes"):
        assert line in shared.splitlines()
    assert [line for line in shared.splitlines() if line.startswith("ReadWritePaths")] == [
        "ReadWritePaths=/var/lib/borderledger"
    ]
    for name in names("service"):
        assert name.startswith("borderledger-"), "else the shared part does not apply"
        assert f"ExecStart={INSTALLED}/.venv/bin/borderledger " in (UNITS / name).read_text()
    timed = {name.removesuffix("timer") + "service" for name in names("timer")}
    for name in names("service"):  # what failed at night waits for the next one
        assert ("Restart=on-failure" in (UNITS / name).read_text()) is (name not in timed)
    assert {name.removesuffix(".timer") for name in names("timer")} <= {
        name.removesuffix(".service") for name in names("service")
    }
