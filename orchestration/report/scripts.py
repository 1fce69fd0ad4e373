"""The scripts that draw the charts, without a network: Vega, Vega-Lite and Vega-Embed as vl-convert
has them.

    python -m orchestration.report.scripts

makes them once for an installation, beside its libraries.

What belongs here: one file, which takes seconds to put together and changes with the library only.
"""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path

NAME = f"charts-{version('vl-convert-python')}.js"
EXPOSED = "window.vegaEmbed = vegaEmbed;"  # what report.js uses
INSTALLED = Path(sys.prefix) / "share" / "borderledger"


def write_scripts(folder: Path, earlier: Path) -> None:
    """Write the file into a folder. earlier: a folder that may have it from another report of this
    version of the library."""
    for made in (earlier / NAME, INSTALLED / NAME):
        if made.is_file():
            shutil.copyfile(made, folder / NAME)
            return
    _make(folder)


def _make(folder: Path) -> None:
    import vl_convert  # starts a JavaScript engine

    (folder / NAME).write_text(vl_convert.javascript_bundle(EXPOSED), encoding="utf-8")


if __name__ == "__main__":
    INSTALLED.mkdir(parents=True, exist_ok=True)
    _make(INSTALLED)
