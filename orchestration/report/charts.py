"""Drawing an exhibit's figures with Vega-Altair.

What belongs here: which marks a figure gets. Colours are CSS variables of `static/report.css`,
so that a chart follows the page into the dark and onto paper; axes are styled in
`static/report.js`, once for all charts.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import altair as alt

from orchestration.report.exhibit import Exhibit, Mark

Spec = dict[str, Any]

FIGURES = "figures"  # the dataset of each chart, which report.js reads
HEIGHT, PANEL_HEIGHT = 260, 130
SERIES_COLOURS = [f"var(--series-{number})" for number in range(1, 9)]
HATCHED = "url(#hatched)"
MONTH_DAYS = 31
POINT, STATEMENT = 26, 46  # areas in square pixels


def charts(exhibit: Exhibit, marks: Sequence[Mark]) -> dict[str, Spec]:
    """The Vega-Lite specifications of an exhibit, by the name of their panel, which is empty where
    there is one chart only."""
    drawn: dict[str, list[Mark]] = {}
    for mark in marks:
        drawn.setdefault(mark.panel, []).append(mark)
    height = PANEL_HEIGHT if exhibit.reading.panel else HEIGHT
    series = series_of(marks)
    return {panel: _chart(exhibit, some, series, height) for panel, some in drawn.items()}


def series_of(marks: Sequence[Mark]) -> list[str]:
    """The series in the order of their colours."""
    return list(dict.fromkeys(mark.series for mark in marks))


def _chart(exhibit: Exhibit, marks: Sequence[Mark], series: Sequence[str], height: int) -> Spec:
    encodings = _encodings(exhibit, marks, series)
    draw = {"lines": _lines, "bars": _bars, "dots": _dots}[exhibit.kind]
    layers = draw(exhibit, alt.Chart(alt.NamedData(FIGURES)).encode(**encodings))
    chart = alt.layer(*layers).properties(width="container", height=height)
    spec: Spec = chart.to_dict(validate=False)
    runs = _runs(marks)
    return {
        **{part: spec[part] for part in ("data", "layer", "width", "height")},
        "datasets": {FIGURES: [_datum(mark, run) for mark, run in zip(marks, runs, strict=True)]},
    }


def _datum(mark: Mark, run: int) -> dict[str, object]:
    """A mark's fields without those that are empty: there are thousands."""
    fields = {**asdict(mark), "run": run}
    return {name: value for name, value in fields.items() if value or name == "y"}


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


def _encodings(exhibit: Exhibit, marks: Sequence[Mark], series: Sequence[str]) -> dict[str, Any]:
    zero = exhibit.kind != "dots"
    yearly = bool(marks) and isinstance(marks[0].x, int)
    x: Any = (
        alt.X("x:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy"))
        if yearly
        else alt.X("x:T", title=None, scale=alt.Scale(type="utc"))
    )
    y = alt.Y("y:Q", title=None, axis=alt.Axis(format="~s"), scale=alt.Scale(zero=zero))
    if len(series) < 2:
        return {"x": x, "y": y, "color": alt.value(SERIES_COLOURS[0]), "tooltip": "says:N"}
    palette = alt.Scale(domain=list(series), range=SERIES_COLOURS[: len(series)])
    colour = alt.Color("series:N", scale=palette, sort=None, legend=None)  # the page has it
    return {"x": x, "y": y, "color": colour, "tooltip": "says:N"}


def _lines(exhibit: Exhibit, base: alt.Chart) -> list[alt.Chart]:
    """A line through each series, a point on each figure, hollow where it may be revised, and a
    diamond for each figure that stands alone. The points of firm figures show when the mouse is
    near: they are what it finds."""
    firm = alt.value(0)
    points = base.transform_filter("!datum.alone").mark_point(
        size=POINT, strokeWidth=1.5, fill="var(--page)", aria=False
    )
    layers = [
        base.transform_filter("!datum.alone")
        .encode(detail="run:Q")
        .mark_line(strokeWidth=1.8, aria=False),
        points.encode(opacity=alt.condition("datum.open", alt.value(1), firm)),
    ]
    if exhibit.reading.alone:
        statements = base.transform_filter("datum.alone")
        layers.append(
            statements.mark_point(shape="diamond", size=STATEMENT, filled=True, aria=False)
        )
    return layers


def _bars(_: Exhibit, base: alt.Chart) -> list[alt.Chart]:
    """Bars from zero, and hatches over those of a part of a year."""
    return [
        base.mark_bar(aria=False),
        base.mark_bar(aria=False, fill=HATCHED).encode(
            opacity=alt.condition("datum.open", alt.value(1), alt.value(0)),
            color=alt.value(HATCHED),
        ),
    ]


def _dots(_: Exhibit, base: alt.Chart) -> list[alt.Chart]:
    return [base.mark_point(size=POINT, filled=True, opacity=0.7, aria=False)]
