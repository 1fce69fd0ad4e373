"""The report as tables for a terminal.

What belongs here: columns, units and rounding.
"""

from rich.console import Console
from rich.table import Table

from benchmarks.as_of import AsOf
from benchmarks.measurement import Measured
from benchmarks.pieces import Piece
from benchmarks.results import DUCKDB_ALONE, Comparison, Report, StepCost


def print_report(report: Report, console: Console) -> None:
    """Print whole runs, where the time goes in the largest job, starts, and the aims."""
    console.print(_runs(report))
    if report.skipped:
        console.print(report.skipped, markup=False, soft_wrap=True)
    largest = report.comparisons[-1]
    console.print(_steps(largest))
    console.print(_pieces(largest))
    console.print(_as_of(report.as_of))
    console.print(_starts(report.starts))
    for aim in report.aims:
        verdict = "met" if aim.met else "NOT met"
        console.print(f"Aim: {aim.aim}: {verdict}: {aim.found}", highlight=False, soft_wrap=True)


def _runs(report: Report) -> Table:
    of = f", medians of {report.repeat}" if report.repeat > 1 else ""
    table = _table(f"Whole runs{of}", "run", "wall", "processor", "peak memory")
    for comparison in report.comparisons:
        ratios = comparison.ratios
        table.add_row(f"whole job, {comparison.name}", *_measured(comparison.job))
        table.add_row("bare script, same files", *_measured(comparison.bare))
        table.add_row(
            f"  ratio ({comparison.rows_equal:,} rows of totals agree)",
            *(f"{ratios[name]:.1f} x" for name in ("job_wall", "job_cpu", "job_peak")),
        )
        for one in comparison.baselines:
            ratio = ratios[f"job to {one.name}"]
            table.add_row(
                f"{one.name} ({one.tables}): the job takes {ratio:.1f} x", *_measured(one.measured)
            )
        table.add_section()
    table.add_row("nothing new", *_measured(report.nothing_new))
    return table


def _steps(comparison: Comparison) -> Table:
    title = f"Where the time goes: whole job, {comparison.name}, wall time"
    table = _table(title, "step", "in the job", "data work", "imports, starts, bookkeeping")
    for step in comparison.steps:
        table.add_row(step.step, *_split(step))
    steps = comparison.steps
    total = StepCost(
        "total",
        sum(step.job_seconds for step in steps),
        sum(step.data_work_seconds for step in steps),
        (),
    )
    table.add_section()
    table.add_row(total.step, *_split(total))
    return table


def _pieces(comparison: Comparison) -> Table:
    title = f"Data work alone: {comparison.name}"
    table = _table(title, "step", "wall", "processor", "what")
    table.columns[-1].justify = "left"
    for piece in comparison.pieces:
        table.add_row(piece.step, *_piece(piece), piece.what)
    table.add_section()
    work, bare, ratios = comparison.data_work, comparison.bare_work, comparison.ratios
    table.add_row("total", _seconds(work.wall_seconds), _seconds(work.cpu_seconds), "")
    table.add_row(
        "bare script",
        _seconds(bare.wall_seconds),
        _seconds(bare.cpu_seconds),
        "without Python's start and imports",
    )
    tables, alone = comparison.data_work_on_tables, comparison.baseline(DUCKDB_ALONE).work
    table.add_row("on tables", _seconds(tables.wall_seconds), _seconds(tables.cpu_seconds), "")
    table.add_row(DUCKDB_ALONE, _seconds(alone.wall_seconds), _seconds(alone.cpu_seconds), "")
    table.add_row(
        "ratio", f"{ratios['data_work_wall']:.1f} x", f"{ratios['data_work_cpu']:.1f} x", ""
    )
    return table


def _as_of(found: tuple[AsOf, ...]) -> Table:
    table = _table(
        "The same query as of a day and on the current table", "macro", "as of", "current"
    )
    for heading in ("ratio", "aim"):
        table.add_column(heading, justify="right")
    for one in found:
        milliseconds = (one.as_of_milliseconds, one.current_milliseconds)
        table.add_row(
            one.macro,
            *(f"{ms:.1f} ms" for ms in milliseconds),
            f"{one.ratio:.1f} x",
            f"under {one.aim:.0f} x" if one.met else f"NOT under {one.aim:.0f} x",
        )
    return table


def _starts(starts: dict[str, Measured]) -> Table:
    table = _table("Starts, each alone", "what", "wall", "processor", "peak memory")
    for name, measured in starts.items():
        table.add_row(name, *_measured(measured))
    return table


def _table(title: str, first: str, *figures: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for figure in figures:
        table.add_column(figure, justify="right")
    return table


def _measured(measured: Measured) -> tuple[str, str, str]:
    return (
        _seconds(measured.wall_seconds),
        _seconds(measured.cpu_seconds),
        f"{measured.peak_bytes / 10**6:,.0f} MB",
    )


def _split(step: StepCost) -> tuple[str, str, str]:
    return tuple(  # type: ignore[return-value]
        _seconds(value) for value in (step.job_seconds, step.data_work_seconds, step.rest_seconds)
    )


def _piece(piece: Piece) -> tuple[str, str]:
    return _seconds(piece.wall_seconds), _seconds(piece.cpu_seconds)


def _seconds(value: float) -> str:
    return f"{value:.2f} s"
