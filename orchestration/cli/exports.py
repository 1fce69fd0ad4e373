"""The command that writes the published tables as files: export."""

from pathlib import Path

import click

from orchestration.cli.interruption import insisting
from orchestration.cli.options import json_option, settings_with
from orchestration.cli.output import say, say_json
from orchestration.cli.report import link_export
from orchestration.exports.exporting import export as write_export


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--tables", "names", multiple=True, metavar="NAME[,NAME...]", help="Only these. Default: all."
)
@json_option
def export(folder: Path | None, names: tuple[str, ...], as_json: bool) -> int:
    """Write the published tables as CSV and Parquet.

    DIR is new, or has an earlier export, which is replaced as a whole; without it, `export` in the
    home, whose files the report links. Beside the tables are a data package, a dictionary, licence
    and citation."""
    folder = folder.absolute() if folder else None  # before the working directory is let go
    settings = settings_with()
    wanted = [name.strip() for given in names for name in given.split(",") if name.strip()]
    folder = folder or settings.export
    with insisting():
        written = write_export(settings.published, folder, wanted)
    if folder.resolve() == settings.export.resolve():  # any other folder may be taken elsewhere
        link_export(written, settings)
    if as_json:
        files = {
            name: {"csv": str(one.csv), "parquet": str(one.parquet), "rows": one.rows}
            for name, one in written.tables.items()
        }
        say_json({"build_id": written.build_id, "folder": str(folder), "tables": files})
        return 0
    sizes = sum(one.csv_bytes + one.parquet_bytes for one in written.tables.values())
    number = len(written.tables)
    say(
        f"Wrote {number} table{'s' * (number != 1)} of build {written.build_id} as CSV and Parquet "
        f"({sizes / 1e6:,.1f} MB): {folder}"
    )
    return 0
