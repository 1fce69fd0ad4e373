"""The dbt project as Dagster reads it: its parsed manifest.

What belongs here: when the project is parsed, and why it cannot be. How dbt is run is in
`dbt_command`; its models as assets are in `models`.
"""

import contextlib
import hashlib
import io
import json
import logging
import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from orchestration.durable import locked, replace, sha256_of
from orchestration.settings import DBT_PROJECT, ConfigurationError

log = logging.getLogger(__name__)

TARGET = "target"
MANIFEST = "manifest.json"
PARSED = (MANIFEST, "partial_parse.msgpack")  # what dbt writes when it parses
NOT_READ = (TARGET, "logs")  # folders of the project that dbt writes
DBTS_WORDS = "Encountered an error:\n"  # before them, those of dagster-dbt about its call


class DbtError(Exception):
    """dbt could not parse the project, could not make a model, or could not start."""


class Prepared(BaseModel):
    """Which project was parsed into which manifest, stored beside it.

    project: the digest of the project's files and of dbt's versions. manifest: its SHA-256.
    """

    model_config = ConfigDict(frozen=True)

    project: str
    manifest: str


def manifest_path() -> Path:
    """Where the manifest is once the project has been prepared."""
    return DBT_PROJECT / TARGET / MANIFEST


def read_manifest() -> dict[str, Any]:
    """The manifest of the prepared project."""
    manifest: dict[str, Any] = json.loads(manifest_path().read_bytes())
    return manifest


def prepare_manifest() -> None:
    """Parse the dbt project unless its manifest is there, whole, and parsed from the files as they
    are now. Of several processes one parses, and the others wait for it. Raises DbtError with dbt's
    message if it cannot be parsed."""
    folder = DBT_PROJECT / TARGET
    project = project_digest(DBT_PROJECT)
    if _is_prepared(folder, project):
        return
    folder.mkdir(exist_ok=True)
    with locked(folder / "prepare.lock"):
        if not _is_prepared(folder, project):
            _set_aside_damaged(folder / MANIFEST)
            _parse(folder, project)


def project_digest(project: Path) -> str:
    """The SHA-256 of the names and the content of a dbt project's files, and of dbt's versions."""
    digest = hashlib.sha256()
    for package in ("dbt-core", "dbt-duckdb"):
        digest.update(f"{package} {version(package)}\n".encode())
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if name.parts[0] not in NOT_READ and path.suffix in (".sql", ".yml", ".csv"):
            digest.update(f"{name} {sha256_of(path)}\n".encode())
    return digest.hexdigest()


def _is_prepared(folder: Path, project: str) -> bool:
    """Whether the folder has the manifest of the project with this digest, unchanged. Raises
    ConfigurationError for something else in the place of a file."""
    try:
        stored = Prepared.model_validate_json((folder / "prepared.json").read_bytes())
        return stored == Prepared(project=project, manifest=sha256_of(folder / MANIFEST))
    except (FileNotFoundError, ValidationError):
        return False
    except OSError as error:
        found = (
            "a folder"
            if isinstance(error, IsADirectoryError)
            else f"something unreadable ({error.strerror})"
        )
        raise ConfigurationError(
            f"{error.filename}: found {found}, expected a file of the parsed dbt project; remove "
            "it, and it is made anew"
        ) from error


def _set_aside_damaged(manifest: Path) -> None:
    """Rename a manifest that cannot be read, with a warning."""
    try:
        content = json.loads(manifest.read_bytes())
    except FileNotFoundError:
        return
    except ValueError as error:
        problem = str(error)
    else:
        if isinstance(content, dict):
            return
        problem = "no JSON object"
    aside = manifest.with_name(f"{manifest.name}.damaged")
    log.warning(
        "%s: found no readable manifest (%s), set aside as %s and made anew",
        manifest,
        problem,
        aside.name,
    )
    manifest.replace(aside)


def _parse(folder: Path, digest: str) -> None:
    """Parse the project into a folder of its own, and move the result into place: a process that
    reads it meanwhile, or finds it after this one was killed, sees the old files or the new."""
    from dagster_dbt import DbtProject  # imports dbt, which takes seconds
    from dagster_dbt.errors import DagsterDbtCliRuntimeError

    being_parsed = folder / "being-parsed"
    shutil.rmtree(being_parsed, ignore_errors=True)
    target = f"{TARGET}/{being_parsed.name}"
    project = DbtProject(DBT_PROJECT, profiles_dir=DBT_PROJECT, target_path=target)
    binaries = str(Path(sys.executable).parent)  # the preparer looks for dbt on the PATH only
    os.environ["PATH"] = os.pathsep.join([binaries, os.environ.get("PATH", os.defpath)])
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what the error says as well
            project.preparer.prepare(project)
    except DagsterDbtCliRuntimeError as error:
        said = str(error).rpartition(DBTS_WORDS)[2].strip()
        raise DbtError(f"dbt cannot parse {DBT_PROJECT}: {said}") from error
    prepared = Prepared(project=digest, manifest=sha256_of(project.manifest_path))
    for name in PARSED:
        (being_parsed / name).replace(folder / name)
    text = prepared.model_dump_json(indent=1)
    replace(folder / "prepared.json", lambda path: path.write_text(text, encoding="utf-8"))
    shutil.rmtree(being_parsed)
