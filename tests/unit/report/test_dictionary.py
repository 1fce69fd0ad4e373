"""The dictionary's pages: results in words, code in texts, nothing that becomes markup."""

import pytest

from orchestration.dictionary.subjects import ENCOUNTERS
from orchestration.dictionary.tables import Check, Column, Table
from orchestration.report.dictionary import result_in_words, sections, with_code

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("status", "unexpected", "words"),
    [
        ("passed", 0, "passed"),
        ("failed", 1234, "failed, a warning: 1,234 rows"),
        ("failed", None, "failed, a warning"),
        ("not applicable", None, "does not apply: no release of its dataset"),
    ],
)
def test_the_result_of_a_check_is_in_words(status: str, unexpected: int | None, words: str) -> None:
    assert result_in_words(Check("c", "warning", status, "", unexpected)) == words


def test_what_is_between_backticks_is_code_and_nothing_is_markup() -> None:
    assert with_code(f"`a` {HOSTILE}") == ("<code>a</code> &lt;img src=x onerror=alert(1)&gt;")


def test_names_in_the_picture_do_not_become_markup() -> None:
    column = Column(HOSTILE, "VARCHAR", "", None, 1, None)
    table = Table("main", HOSTILE, "table", 1, "", ENCOUNTERS, (column,), (), (), ())
    [section] = sections((table,))
    assert "<img" not in section.picture
    assert "&lt;img" in section.picture
