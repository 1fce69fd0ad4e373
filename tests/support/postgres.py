"""A private PostgreSQL server for a test, in a temporary folder, reached by a Unix socket only."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.automation.instance import INSTANCE
from orchestration.settings import PROJECT

INSTALLED = Path("/usr/lib/postgresql")  # where Debian's packages put it
OWNERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
SECONDS = 60


def programs() -> Path | None:
    """The folder of PostgreSQL's newest programs; None if it is not installed."""
    found = [path.parent for path in INSTALLED.glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    found += [Path(on_path).parent] if on_path else []
    return max(found, key=lambda path: (path.parent.name.zfill(3), str(path)), default=None)


@contextmanager
def postgres(folder_of_programs: Path) -> Iterator[str]:
    """Start a server with an empty database. Yields its address as a URL."""
    owner = _owner()
    folder = Path(tempfile.mkdtemp(prefix="borderledger-postgres-"))  # short, for the socket
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data, log = folder / "data", folder / "log"

        def call(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [str(folder_of_programs / program), *arguments],
                cwd=folder,
                env={"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            printed = log.read_text() if log.exists() else ""
            assert done.returncode == 0, f"{program}: {done.stdout}\n{printed}"

        call("initdb", "--auth=trust", "--username=dagster", "--no-sync", f"--pgdata={data}")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        # its output goes to the file only: a pipe would stay open as long as the server runs
        call(
            "pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={log}", f"--options={options}"
        )
        try:
            yield f"postgresql+psycopg2://dagster@/postgres?host={folder}"
        finally:
            call("pg_ctl", "stop", "--mode=immediate", f"--pgdata={data}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def documented_settings() -> str:
    """Our settings of Dagster with the storage that the page describes."""
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    [storage] = re.findall(r"```yaml\n(storage:\n.*?)```", page, re.DOTALL)
    ours = INSTANCE.read_text(encoding="utf-8")
    return ours[: ours.index("storage:")] + str(storage)


def _owner() -> pwd.struct_passwd | None:
    """The user to run it as; None for the one who runs the test."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in OWNERS if name in known)
