"""The right form for one and for several."""

import pytest

from orchestration.wording import counted, form


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 releases"), (1, "1 release"), (2, "2 releases"), (1_018, "1,018 releases")],
)
def test_things_are_counted(number: int, words: str) -> None:
    assert counted(number, "release") == words


def test_a_form_may_be_irregular() -> None:
    assert [form(number, "is", "are") for number in (0, 1, 2)] == ["are", "is", "are"]
    assert counted(2, "box", "boxes") == "2 boxes"
