"""The picture of how the job grows."""

from pathlib import Path

from benchmarks.growth import Growth, Night, plot
from benchmarks.measurement import Measured
from benchmarks.results import Baseline, Cost

PNG = b"\x89PNG\r\n\x1a\n"


def growth(times: int, first: float, following: float) -> Growth:
    nights = (night("first night", first), night("next night", following))
    dbt_alone = Baseline("dbt alone", measured(following / 3), Cost(1.0, 1.0), 5)
    return Growth(times, 200_000 * times, nights, dbt_alone)


def night(name: str, seconds: float) -> Night:
    return Night(name, measured(seconds), {"raw": seconds})


def measured(seconds: float) -> Measured:
    return Measured(0.0, seconds, seconds, seconds, 500 * 2**20)


def test_it_is_a_png_of_every_number_of_rows(tmp_path: Path) -> None:
    first, both = tmp_path / "first.png", tmp_path / "both.png"
    small, large = growth(1, 60.0, 40.0), growth(10, 300.0, 90.0)
    plot([small], first)
    plot([small, large], both)
    assert first.read_bytes().startswith(PNG)
    assert both.read_bytes().startswith(PNG)
    assert first.read_bytes() != both.read_bytes()
