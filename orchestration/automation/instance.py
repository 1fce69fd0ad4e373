"""Dagster's home: its settings and the variable that points to it.

Imports nothing of Dagster, which reads the settings when it is imported, and takes seconds.
"""

import atexit
import logging
import os
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

import yaml

from orchestration.automation.damaged_history import set_aside_damaged
from orchestration.durable import locked, replace, sha256_of
from orchestration.settings import PROJECT, ConfigurationError, Settings

log = logging.getLogger(__name__)

INSTANCE = PROJECT / "orchestration" / "dagster.yaml"
SHIPPED = (  # SHA-256 of each earlier text of it; whoever has one of these has not edited it
    "7e4a6451af2847ca836f5f000383a63f7810c19c2481797aed4e39eab63263fe",
    "906f349e94fbe9049451c05b8a82fe0fc610db069c432a345da833a7e49ebd98",
    "5274ae233bae7933a2ee090058c7009b980685817d4fc1d5e32bba3388c3c4a9",
    "787296618eb2c1abc0af8d7e4f3c265812f2f16d4ecb3d4f03a348160f46c4f3",
    "c4c50a0afc1a26863940f764c20838e29ea57cbc07159b566970b94093dbb034",
    "75ecd75350d5f95f4091e784495f2ae8d97b420369c3e6f5b6486559e98c50fe",
    "b71dfcc1d31d82ef990b41b1ae3125932396aace9eb88a739cc4ead1aa5a71c0",
    "f1d909db1599bba6588b8f55856314b006faf19a7aa0a2b7f5a8963a451a966d",
    "3f492c6b3fc86b05de348f45f67098ad16b7fdadaf83950e089c49f2e8dd6efa",
    "df7144625c17bd3b0a2b4c9afa61ccc8ff7759dcffce5028224a4abebe5cc2cb",
    "5169fc5ff2da6124f81a5220f75d1138c72455a1bbb8a18b9a497786dc8283c0",
)
NEEDED = ("run_launcher", "run_monitoring")  # without these a killed run keeps its place for ever
_warned: set[Path] = set()
EVENTS = 10_000  # of what a run plans, to be written together
PLAIN = re.compile(r"[\w/.-]+")  # paths that mean the same as patterns and in URLs


def prepare_dagster_home(settings: Settings) -> None:
    """Create Dagster's home with our instance settings, and point this process to it. Settings
    that somebody has edited are kept. Raises ConfigurationError if they are no YAML."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    _write_settings(settings.dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(_plain_path(settings.dagster_home))
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["DAGSTER_EVENT_BATCH_SIZE"] = str(EVENTS)
    set_aside_damaged(settings.dagster_home)


def _write_settings(path: Path) -> None:
    """Write our instance settings, unless the file is the operator's own."""
    if _is_not_edited(path):
        with locked(path.with_name("settings.lock")):
            if _is_not_edited(path):  # else another process has just written it
                replace(path, lambda partial: shutil.copyfile(INSTANCE, partial))
        return
    missing = [name for name in NEEDED if name not in _read(path)]
    if missing and path not in _warned:
        _warned.add(path)
        log.warning(
            "%s: found no %s, without which a run that was killed holds up every later run; copy "
            "it from %s",
            path,
            " and no ".join(missing),
            INSTANCE,
        )


def _is_not_edited(path: Path) -> bool:
    return not path.exists() or sha256_of(path) in SHIPPED


def _read(path: Path) -> dict[str, object]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: found no YAML ({error}), expected settings") from None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: found {found!r:.40}, expected a mapping of settings")
    return found


@cache
def _plain_path(folder: Path) -> Path:
    """The path of a folder, or of a link to it if its own would be misread: Dagster takes it for a
    pattern (`*`, `[`) and puts it into URLs as it is (`%`). The link is there as long as this
    process."""
    if PLAIN.fullmatch(str(folder)):
        return folder
    beside = Path(tempfile.mkdtemp(prefix="borderledger-"))
    link, owner = beside / "dagster", os.getpid()
    link.symlink_to(folder, target_is_directory=True)
    atexit.register(lambda: shutil.rmtree(beside) if os.getpid() == owner else None)
    return link
