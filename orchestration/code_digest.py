"""One hash over this project's code, by which what the code has made is known again.

Nothing here knows what the code does.
"""

import hashlib
from functools import cache
from pathlib import Path

from orchestration.settings import PROJECT

SOURCES = ("orchestration", "dbt_project", "expectations")
SUFFIXES = {".py", ".sql", ".yaml", ".yml", ".csv", ".html", ".css", ".js"}
GENERATED = {"target", "logs", "dbt_packages", "__pycache__"}


@cache
def code_digest(project: Path = PROJECT) -> str:
    """One hash over the paths and contents of models, suites, catalogue and code."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((project / folder).rglob("*")):
            relative = path.relative_to(project)
            if path.suffix in SUFFIXES and not GENERATED & set(relative.parts):
                digest.update(f"{relative.as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()
