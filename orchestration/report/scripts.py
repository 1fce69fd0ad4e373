"""The scripts that draw the charts, without a network: Vega, Vega-Lite and Vega-Embed as vl-convert
has them.

What belongs here: one file, which takes seconds to put together and changes with the library only.
"""

import shutil
from importlib.metadata import version
from pathlib import Path

NAME = f"charts-{version('vl-convert-python')}.js"
EXPOSED = "window.vegaEmbed = vegaEmbed;"  # what report.js uses


def write_scripts(folder: Path, earlier: Path) -> None:
    """Write the file into a folder. earlier: a folder that may have it from another report of this
    version of the library."""
    if (earlier / NAME).is_file():
        shutil.copyfile(earlier / NAME, folder / NAME)
        return
    import vl_convert  # starts a JavaScript engine

    (folder / NAME).write_text(vl_convert.javascript_bundle(EXPOSED), encoding="utf-8")
