"""How figures are drawn: which mark each gets, where a line breaks, how bars stack."""

from typing import Any

import altair as alt
import pytest

from orchestration.report.charts import charts
from orchestration.report.exhibit import Exhibit, Kind, Mark, Reading
from orchestration.report.pages import SUBJECTS

EXHIBITS = [exhibit for subject in SUBJECTS for exhibit in subject.exhibits]


def exhibit(kind: Kind = "lines", panel: str | None = None) -> Exhibit:
    return Exhibit("e", "E", "select 1", kind, Reading("x", "y", "people", panel=panel))


def mark(x: str | int, y: float = 1.0, **changes: Any) -> Mark:
    made: dict[str, Any] = {"series": "a", "panel": "", "says": "", "open": False, "alone": False}
    return Mark(x=x, y=y, **(made | changes))


def figures(drawn: Exhibit, *marks: Mark) -> list[dict[str, Any]]:
    [spec] = charts(drawn, marks).values()
    found: list[dict[str, Any]] = spec["datasets"]["figures"]
    return found


def test_a_line_breaks_where_a_month_is_unknown() -> None:
    found = figures(exhibit(), mark("2024-01-01"), mark("2024-02-01"), mark("2024-04-01"))
    assert [figure.get("run", 0) for figure in found] == [0, 0, 1]
    assert [figure.get("single", False) for figure in found] == [False, False, True]


def test_each_series_has_gaps_of_its_own() -> None:
    months = [mark("2024-01-01"), mark("2024-02-01", series="b"), mark("2024-03-01")]
    assert [figure.get("run", 0) for figure in figures(exhibit(), *months)] == [0, 0, 1]


def test_bars_of_one_year_stand_on_each_other() -> None:
    found = figures(exhibit("bars"), mark(2024, 5.0), mark(2024, 3.0, series="b"), mark(2025, 2.0))
    assert [(figure["bottom"], figure["top"]) for figure in found] == [(0, 5), (5, 8), (0, 2)]


def test_a_year_without_a_figure_leaves_a_gap() -> None:
    [spec] = charts(exhibit("bars"), [mark(2021), mark(2024)]).values()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [2021, 2022, 2023, 2024]


def test_each_panel_has_its_own_figures_and_zeros_stay() -> None:
    drawn = charts(
        exhibit(panel="p"), [mark("2024-01-01", 0.0, panel="A"), mark("2024-01-01", panel="B")]
    )
    assert list(drawn) == ["A", "B"]
    [zero] = drawn["A"]["datasets"]["figures"]
    assert zero["y"] == 0.0


def test_nothing_is_drawn_without_figures() -> None:
    assert charts(exhibit(), []) == {}


@pytest.mark.parametrize("drawn", EXHIBITS, ids=lambda drawn: drawn.name)
def test_every_exhibit_is_a_valid_specification(drawn: Exhibit) -> None:
    """Also for more series than there are colours."""
    years = drawn.kind == "bars"
    marks = [
        mark(
            2024 if years else "2024-01-01", series=str(number), alone=number == 0, open=number == 1
        )
        for number in range(12)
    ]
    for spec in charts(drawn, marks).values():
        alt.LayerChart.from_dict(spec)


def test_exhibits_have_names_of_their_own() -> None:
    names = [drawn.name for drawn in EXHIBITS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("drawn", EXHIBITS, ids=lambda drawn: drawn.name)
def test_bars_start_at_zero_and_no_chart_has_two_axes(drawn: Exhibit) -> None:
    years = drawn.kind == "bars"
    [spec] = charts(drawn, [mark(2024 if years else "2024-01-01", 9.0)]).values()
    if years:
        [figure] = spec["datasets"]["figures"]
        assert figure["bottom"] == 0
    assert spec.get("resolve", {}).get("scale", {}).get("y") != "independent"
