"""The asset graph as text, and its snapshot.

    python -m tests.pipeline.asset_graph

writes the snapshot to asset_graph.txt beside this module, as `make snapshot` does. Dagster is
imported late, because tests import this module when pytest collects them.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

SNAPSHOT = Path(__file__).with_suffix(".txt")
CHECK = "    check "


def describe_graph(definitions: "dg.Definitions") -> str:
    """One line per asset, `key (group) <- dependencies`, by key; below it a line per check."""
    return "\n".join(_lines(definitions)) + "\n"


def graph_of_code_location(home: Path) -> str:
    """The graph of the definitions that the code location loads for a home."""
    from orchestration.definitions import build_defs

    return describe_graph(build_defs(Settings(home=home)))


def _lines(definitions: "dg.Definitions") -> Iterator[str]:
    graph = definitions.resolve_asset_graph()
    for node in sorted(graph.asset_nodes, key=lambda node: node.key.to_user_string()):
        dependencies = ", ".join(sorted(key.to_user_string() for key in node.parent_keys))
        line = f"{node.key.to_user_string()} ({node.group_name})"
        yield f"{line} <- {dependencies}" if dependencies else line
        yield from sorted(f"{CHECK}{check.name}" for check in node.check_keys)


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        text = graph_of_code_location(Path(home))
    SNAPSHOT.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    checks = sum(line.startswith(CHECK) for line in lines)
    sys.stdout.write(f"{SNAPSHOT}: {len(lines) - checks} assets, {checks} checks\n")


if __name__ == "__main__":
    main()
