"""Imports inside `orchestration` run one way: down the order in docs/architecture.md.

A module may import from its own package and from the layers below it. Packages that share a layer
do not import each other. Imports inside functions count too: they delay a cycle, they do not
remove it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import PROJECT

ROOT = "orchestration"
LAYERS = (  # from the top down
    ("cli",),
    ("definitions",),
    ("automation",),
    ("assets",),
    ("report", "exports", "lake", "claims", "gates"),
    ("dictionary",),
    ("builds",),
    ("review",),
    ("intake",),
    ("sources", "readers"),
    ("releases",),
    ("catalogue",),
    ("code_digest", "durable", "printable", "quick_imports", "wording", "wrapping", "yaml_text"),
    ("settings", "signals", "surroundings"),
)
DEPTH = {part: depth for depth, layer in enumerate(LAYERS) for part in layer}
MODULES = sorted((PROJECT / ROOT).rglob("*.py"))


def name_of(module: Path, project: Path = PROJECT) -> str:
    """The dotted name of a module's file."""
    parts = module.relative_to(project).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(name: str) -> str | None:
    """The package or module below `orchestration` that a dotted name is in, if it is in one."""
    root, _, rest = name.partition(".")
    return rest.partition(".")[0] or None if root == ROOT else None


def imports(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """The line and the dotted name of everything that a module imports, at any depth."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            if source == ROOT:  # `from orchestration import settings`
                yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, source


def upward(module: Path, project: Path = PROJECT) -> list[str]:
    """The imports of a module that do not run down, as file, line, what it imports."""
    importer = part_of(name_of(module, project))
    tree = ast.parse(module.read_text(encoding="utf-8"))
    found = imports(tree, name_of(module, project), module.name == "__init__.py")
    return [
        f"{module.relative_to(project)}:{line} imports {name}"
        for line, name in found
        if (part := part_of(name)) is not None
        and part != importer
        and (importer is None or DEPTH[part] <= DEPTH[importer])
    ]


def test_every_part_has_its_place_in_the_order() -> None:
    parts = {part_of(name_of(module)) for module in MODULES} - {None}
    assert parts <= set(DEPTH)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_run_down(module: Path) -> None:
    assert upward(module) == []


@pytest.mark.parametrize(
    "line",
    [
        "from orchestration.builds.build import Build",
        "import orchestration.builds.build",
        "from orchestration import builds",
        "from ..builds import build",
        "def late() -> None:\n    from orchestration.builds.build import Build",
        "from orchestration.sources.candidate import Candidate",
    ],
    ids=["from", "import", "from the root", "relative", "in a function", "same layer"],
)
def test_an_import_that_runs_up_or_sideways_is_found(line: str, tmp_path: Path) -> None:
    module = tmp_path / ROOT / "readers" / "made.py"
    module.parent.mkdir(parents=True)
    module.write_text(f"from orchestration.releases.release import Release\n{line}\n")
    [found] = upward(module, tmp_path)
    assert found.startswith("orchestration/readers/made.py:")
