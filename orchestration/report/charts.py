"""Drawing an exhibit's figures with Vega-Altair.

What belongs here: which marks a figure gets. Colours are CSS variables of `static/report.css`,
so that a chart follows the page into the dark and onto paper; axes are styled in
`static/report.js`, once for all charts.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import altair as alt

from orchestration.report.exhibit import Exhibit, Mark

Spec = dict[str, Any]

KEPT = ("y", "top", "bottom")  # also where they are 0
FIGURES = "figures"  # the dataset of each chart, which report.js reads
HEIGHT, PANEL_HEIGHT = 260, 130
SERIES_COLOURS = [f"var(--series-{number})" for number in range(1, 10)]
HATCHED = "url(#hatched)"
AXIS = alt.Axis(format="~s")
YEARS = alt.Axis(labelAngle=0, labelOverlap="greedy")
MONTH_DAYS = 31
POINT, STATEMENT = 26, 46  # areas in square pixels


def charts(exhibit: Exhibit, marks: Sequence[Mark]) -> dict[str, Spec]:
    """The Vega-Lite specifications of an exhibit, by the name of their panel, which is empty where
    there is one chart only."""
    if not marks:
        return {}
    drawing = _drawing(exhibit, marks)
    panels: dict[str, list[Mark]] = {}
    for mark in marks:
        panels.setdefault(mark.panel, []).append(mark)
    return {
        panel: drawing | {"datasets": {FIGURES: _data(exhibit, some)}}
        for panel, some in panels.items()
    }


def series_of(marks: Sequence[Mark]) -> list[str]:
    """The series in the order of their colours."""
    return list(dict.fromkeys(mark.series for mark in marks))


def _drawing(exhibit: Exhibit, marks: Sequence[Mark]) -> Spec:
    """The specification without its figures, the same for all panels of an exhibit."""
    base = alt.Chart(alt.NamedData(FIGURES)).encode(**_encodings(exhibit, marks))
    layers = {"lines": _lines, "bars": _bars, "dots": _dots}[exhibit.kind](exhibit, base)
    height = PANEL_HEIGHT if exhibit.reading.panel else HEIGHT
    chart = alt.layer(*layers).properties(width="container", height=height)
    spec: Spec = chart.to_dict(validate=False)
    return {part: spec[part] for part in ("data", "layer", "width", "height")}


def _data(exhibit: Exhibit, marks: Sequence[Mark]) -> list[dict[str, object]]:
    """The figures of a chart, without fields that are empty: there are thousands. Bars have their
    two ends."""
    so_far: dict[str | int, float] = {}
    runs = _runs(marks)
    lengths = Counter((mark.series, run) for mark, run in zip(marks, runs, strict=True))
    figures = []
    for mark, run in zip(marks, runs, strict=True):
        single = lengths[mark.series, run] == 1
        fields: dict[str, object] = {**asdict(mark), "panel": "", "run": run, "single": single}
        if exhibit.kind == "bars":
            bottom = so_far.get(mark.x, 0.0)
            so_far[mark.x] = bottom + mark.y
            fields |= {"bottom": bottom, "top": bottom + mark.y}
        figures.append({name: value for name, value in fields.items() if value or name in KEPT})
    return figures


def _runs(marks: Sequence[Mark]) -> list[int]:
    """A number for each mark, the same for those of a series whose months follow one another: a
    line is not drawn over a month that is unknown."""
    last: dict[str, tuple[date, int]] = {}
    runs = []
    for mark in marks:
        if isinstance(mark.x, int):
            runs.append(0)
            continue
        day = date.fromisoformat(mark.x)
        before, run = last.get(mark.series, (day, 0))
        run += (day - before).days > MONTH_DAYS
        last[mark.series] = (day, run)
        runs.append(run)
    return runs


def _encodings(exhibit: Exhibit, marks: Sequence[Mark]) -> dict[str, Any]:
    series = series_of(marks)
    zero = exhibit.kind != "dots"
    yearly = isinstance(marks[0].x, int)
    x: Any = (
        alt.X("x:O", title=None, axis=YEARS, scale=alt.Scale(domain=_years(marks)))
        if yearly
        else alt.X("x:T", title=None, scale=alt.Scale(type="utc"))
    )
    y = alt.Y("y:Q", title=None, axis=AXIS, scale=alt.Scale(zero=zero))
    if len(series) < 2:
        return {"x": x, "y": y, "color": alt.value(SERIES_COLOURS[0])}
    palette = alt.Scale(domain=series, range=SERIES_COLOURS)
    colour = alt.Color("series:N", scale=palette, sort=None, legend=None)  # the page has it
    return {"x": x, "y": y, "color": colour}


def _years(marks: Sequence[Mark]) -> list[int]:
    """Every year from the first to the last: one without a figure leaves a gap."""
    years = [mark.x for mark in marks if isinstance(mark.x, int)]
    return list(range(min(years), max(years) + 1))


def _lines(exhibit: Exhibit, base: alt.Chart) -> list[alt.Chart]:
    """A line through each series, a hollow point on each figure that may be revised or that has no
    neighbour, and a diamond for each figure that stands alone."""
    series = base.transform_filter("!datum.alone")
    points = base.transform_filter("!datum.alone && (datum.open || datum.single)")
    layers = [
        series.encode(detail="run:Q").mark_line(strokeWidth=1.8, aria=False),
        points.mark_point(size=POINT, strokeWidth=1.5, fill="var(--page)", aria=False),
    ]
    if exhibit.reading.alone:
        statements = base.transform_filter("datum.alone")
        layers.append(
            statements.mark_point(shape="diamond", size=STATEMENT, filled=True, aria=False)
        )
    return layers


def _bars(_: Exhibit, base: alt.Chart) -> list[alt.Chart]:
    """Bars from zero, one on the other, and hatches over those of a part of a year."""
    bars = base.encode(y=alt.Y("top:Q", axis=AXIS, title=None), y2="bottom:Q")
    hatches = bars.transform_filter("datum.open").encode(color=alt.value(HATCHED))
    return [bars.mark_bar(aria=False), hatches.mark_bar(aria=False)]


def _dots(_: Exhibit, base: alt.Chart) -> list[alt.Chart]:
    return [base.mark_point(size=POINT, filled=True, opacity=0.7, aria=False)]
