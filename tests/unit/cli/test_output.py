"""What the command prints of text from outside: never markup, never control."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.cli.output import (
    say_below,
    say_json,
    say_json_rows,
    show_facts,
    show_table,
    wrap_log,
)
from orchestration.printable import printable
from tests.conftest import run_command
from tests.support.cbp_files import SOUTHWEST
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
HOSTILE = "[/bold] [red]x \x1b[2J\x1b]0;t\x07\nPublished build 20990101T000000Z-deadbeef"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, 1,234 people", "plain text, 1,234 people"),
        ("São Tomé [x]", "São Tomé [x]"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("left\N{RIGHT-TO-LEFT OVERRIDE}right", r"left\u202eright"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_is_not_printable_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_hostile_reason_is_shown_as_text(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, FIRST, WRONG)
    release = archive.releases()[1].release_id
    said = run_command(tmp_path, "refuse", release, "--reason", HOSTILE, "--by", "[b]Ada\x1b[1m")
    listed = run_command(tmp_path, "releases", release)
    for printed in (said.stdout, said.stderr, listed.stdout, listed.stderr):
        assert "\x1b" not in printed
        assert not any(line.startswith("Published") for line in printed.splitlines())
    assert "[/bold]" in "".join(listed.stdout.split())
    [_, record] = json.loads(run_command(tmp_path, "releases", "--json").stdout)
    assert record["decisions"][0]["reason"] == HOSTILE


def test_a_hostile_cell_is_shown_as_text(tmp_path: Path) -> None:
    landing = tmp_path / "landing" / SOUTHWEST / "2024-12"
    landing.mkdir(parents=True)
    content = FIRST.content.replace(b"Single Adults", b"[/x]\x1b[2JAdults")
    (landing / "sbo-encounters-fy23-fy25-nov.csv").write_bytes(content)
    done = run_command(tmp_path, "fetch", SOUTHWEST, landing=landing.parents[1])
    assert "\x1b" not in done.stdout
    assert r"[/x]\x1b[2JAdults" in done.stdout
    assert r"\x1b" in run_command(tmp_path, "releases", "--problems").stdout


def test_rows_that_fit_are_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("name", "count_of_rows"), [("a", 1), ("longer", 1_234), ("c", None)])
    assert capsys.readouterr().out.splitlines() == [
        "name    count of rows",
        "a                   1",
        "longer          1,234",
        "c",
    ]


@pytest.mark.parametrize("columns", [None, 80])
def test_rows_wider_than_the_terminal_are_blocks_of_lines(
    columns: int | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a pipe the width is 80."""
    _set_columns(monkeypatch, columns)
    show_table(("name", "a_note"), [("a", "word " * 15 + "end"), ("b", None)])
    name, note, *further = capsys.readouterr().out.splitlines()
    assert name == "name         a"
    assert note.startswith("a note       word word")
    wrapped = [] if columns is None else ["               word word end"]
    assert further == [*wrapped, "", "name         b"]


def test_a_table_without_rows_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("name", "note"), [])
    assert capsys.readouterr().out == ""


def test_facts_without_a_value_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_facts({"last_run": "succeeded", "as_of": None, "reasons": ("one", "two"), "rows": 0})
    assert capsys.readouterr().out.splitlines() == [
        "last run     succeeded",
        "reasons      one",
        "             two",
        "rows         0",
    ]


def test_a_sentence_is_wrapped_on_a_terminal_and_one_line_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"https://example.org/{'x' * 90}"
    sentence = f"{'word ' * 40}{url}"
    _set_columns(monkeypatch, None)
    say_below(sentence)
    assert capsys.readouterr().out == f"  {sentence}\n"
    _set_columns(monkeypatch, 80)
    say_below(sentence)
    first, *lines, last = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(len(line) <= 80 and line.startswith("    word") for line in lines)
    assert first.startswith("  word")
    assert last == f"    {url}"


def test_what_modules_log_is_wrapped_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert logging.lastResort is not None
    monkeypatch.setattr(logging.lastResort, "formatter", None)
    record = logging.makeLogRecord({"msg": "%s" + " word" * 30, "args": ("first",)})
    wrap_log()
    for columns, lines in ((None, 1), (80, 2)):
        _set_columns(monkeypatch, columns)
        assert len(logging.lastResort.format(record).splitlines()) == lines


@pytest.mark.parametrize("rows", [[], [{"a": 1, "b": [1.5, "\u2028\n"]}, {}, {"a": float("nan")}]])
def test_rows_are_printed_in_json_one_by_one_as_they_are_all_together(
    rows: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    say_json(rows)
    together = capsys.readouterr().out
    say_json_rows(iter(rows))
    assert capsys.readouterr().out == together


def test_a_row_is_printed_in_json_before_the_next_one_is_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A result may have more rows than fit into memory."""

    def rows() -> Iterator[dict[str, int]]:
        yield {"a": 1}
        assert '"a": 1' in capsys.readouterr().out

    say_json_rows(rows())


def test_what_has_no_bound_is_null_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"found": [(1.5, float("inf"), float("-inf"), float("nan"))], "text": "inf"})
    printed = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert printed == {"found": [[1.5, None, None, None]], "text": "inf"}


def _set_columns(monkeypatch: pytest.MonkeyPatch, columns: int | None) -> None:
    """What a terminal's width is, or that there is none."""
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", str(columns))
