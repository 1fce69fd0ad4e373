"""The operator's files of claims, as a build takes them in: read once, when it is opened.

What belongs here: reading a file within its bounds, and a digest of what was read. A file that
cannot be read is no error here, since it must stop no run; what its rows mean is in `claims`.
"""

import hashlib
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from orchestration.settings import Limits, Settings
from orchestration.sources.candidate import READING

EXPECTED = "expected a CSV file in UTF-8"


class ClaimFile(BaseModel):
    """What was read of a file.

    name: without its folder, so that equal files in other folders give equal tables.
    text: empty if it cannot be read. problem: why it cannot; empty if it can.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    text: str = ""
    problem: str = ""


def claim_files(settings: Settings) -> tuple[ClaimFile, ...]:
    """The operator's files of claims as they are now, in the order of the setting."""
    return tuple(read_claim_file(path, settings.limits) for path in settings.claims)


def read_claim_file(path: Path, limits: Limits) -> ClaimFile:
    """Read a file of claims. A pipe or a device is not waited for."""
    name = os.fsencode(path.name or path).decode(errors="backslashreplace")
    try:
        content = _content(path, limits.claims_bytes + 1)
        if len(content) > limits.claims_bytes:
            most = f"{limits.claims_bytes:,} bytes at most"
            return ClaimFile(name=name, problem=f"found a larger file, expected {most}")
        return ClaimFile(name=name, text=content.decode("utf-8-sig"))
    except FileNotFoundError:
        problem = "found no such file"
    except OSError as error:  # without its path, which is in no table
        problem = f"found a file that cannot be read ({error.strerror or error})"
    except UnicodeDecodeError as error:
        problem = f"found no UTF-8 (byte {error.start + 1})"
    return ClaimFile(name=name, problem=f"{problem}, {EXPECTED}")


def digest_of(files: Sequence[ClaimFile]) -> str:
    """A digest of names and contents, in their order; empty if there are no files."""
    if not files:
        return ""
    read = json.dumps([file.model_dump() for file in files])
    return hashlib.sha256(read.encode()).hexdigest()


def _content(path: Path, most: int) -> bytes:
    """The first bytes of a regular file. Raises OSError."""
    descriptor = os.open(path, READING)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is a folder, a pipe or a device")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(descriptor)
