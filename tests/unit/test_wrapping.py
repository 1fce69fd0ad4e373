"""Where a line ends, and how wide a stream is."""

import fcntl
import io
import pty
import struct
import termios

import pytest

from orchestration.wrapping import width_of, wrapped


@pytest.mark.parametrize("text", ["", "   ", "a b", "a  b " * 20, "x" * 200])
def test_a_line_that_fits_and_any_line_in_a_pipe_stays_as_it_is(text: str) -> None:
    assert wrapped(text, None, "  ") == text
    assert wrapped(text, 200, "  ") == text


def test_words_go_to_further_lines_whole_and_in_order() -> None:
    text = "held         one two  three four five"
    assert wrapped(text, 20, "    ").split("\n") == [
        "held         one two",
        "    three four five",
    ]


def test_the_widest_line_is_as_wide_as_allowed() -> None:
    assert wrapped("aaaa bbbb cc", 9).split("\n") == ["aaaa bbbb", "cc"]
    assert wrapped("aaaa bbbb cc", 8).split("\n") == ["aaaa", "bbbb cc"]


@pytest.mark.parametrize(
    "whole",
    [
        "https://example.org/a-page-of-the-publisher",
        "/srv/borderledger/border.duckdb",
        "`borderledger accept 3378edf2279425c1 --reason …`,",
        "(`borderledger alerts --json`)",
    ],
)
def test_a_path_a_url_and_a_command_are_never_cut(whole: str) -> None:
    assert wrapped(f"see {whole} then", 20, "  ").split("\n") == ["see", f"  {whole}", "  then"]


def test_a_backtick_alone_is_a_character() -> None:
    assert wrapped("aa `bb cc dd", 8, " ").split("\n") == ["aa `bb", " cc dd"]


def test_a_pipe_has_no_width_unless_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert width_of(io.StringIO()) is None
    monkeypatch.setenv("COLUMNS", "100")
    assert width_of(io.StringIO()) == 100
    for unusable in ("", "0", "-1", "wide"):
        monkeypatch.setenv("COLUMNS", unusable)
        assert width_of(io.StringIO()) is None


def test_a_terminal_has_its_own_width_or_80(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    ours, its = pty.openpty()
    with open(its, "w") as terminal, open(ours, "rb"):
        assert width_of(terminal) == 80  # it does not say
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 61, 0, 0))
        assert width_of(terminal) == 61
