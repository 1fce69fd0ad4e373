"""The picture of how the job grows."""

from pathlib import Path

from benchmarks.growth import Growth, Night, plot
from benchmarks.measurement import Measured

PNG = b"\x89PNG\r\n\x1a\n"


def night(name: str, seconds: float) -> Night:
    return Night(name, Measured(0.0, seconds, seconds, seconds, 500 * 2**20), {"raw": seconds})


def test_it_is_a_png_of_every_number_of_rows(tmp_path: Path) -> None:
    first, both = tmp_path / "first.png", tmp_path / "both.png"
    small = Growth(1, 200_000, (night("first night", 60.0), night("next night", 40.0)))
    large = Growth(10, 2_000_000, (night("first night", 300.0), night("next night", 90.0)))
    plot([small], first)
    plot([small, large], both)
    assert first.read_bytes().startswith(PNG)
    assert both.read_bytes().startswith(PNG)
    assert first.read_bytes() != both.read_bytes()
