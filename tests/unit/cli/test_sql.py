"""`borderledger sql`: what a query may do, and how its result looks."""

import csv
import io
import json
from pathlib import Path

import duckdb
import pytest

from orchestration.cli.main import main

WIDTH = 80


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a small published file."""
    home = tmp_path / "home"
    home.mkdir()
    with duckdb.connect(str(home / "border.duckdb")) as connection:
        connection.execute(
            "create table figures as select range as n, date '2024-01-01' + (range * 31)::int as m,"
            " 'label ' || range as label from range(100)"
        )
    monkeypatch.setenv("BORDERLEDGER_HOME", str(home))
    return home


def sql(capsys: pytest.CaptureFixture[str], *arguments: str, expect: int = 0) -> tuple[str, str]:
    """What the command prints, on standard output and standard error."""
    with pytest.raises(SystemExit) as stop:
        main(["sql", *arguments])
    printed = capsys.readouterr()
    assert stop.value.code == expect, printed.err
    return printed.out, printed.err


@pytest.mark.usefixtures("home")
class TestTable:
    def test_numbers_are_on_the_right_and_dates_are_iso(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out, _ = sql(
            capsys,
            "select m as month, n * 1000 as n, null as nothing, n = 0 as first from figures"
            " limit 2",
        )
        assert [line.rstrip() for line in out.splitlines()] == [
            "month          n  nothing  first",
            "----------  ----  -------  -----",
            "2024-01-01     0     NULL  true",
            "2024-02-01  1000     NULL  false",
        ]

    def test_what_does_not_fit_is_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        wide = ", ".join(f"n + 1000000 as quite_a_long_name_{i}" for i in range(20))
        out, _ = sql(capsys, f"select {wide} from figures")
        assert all(len(line) <= WIDTH for line in out.splitlines())
        said = " ".join(out.partition("…")[2].split())
        assert said.startswith("60 more rows, ")
        assert "quite_a_long_name_19); --csv has all" in said
        assert "quite_a_long_name_0," not in said, "the first columns are shown"

    def test_long_text_is_wrapped(self, capsys: pytest.CaptureFixture[str]) -> None:
        out, _ = sql(capsys, "select 1 as n, repeat('word ', 50) as text from figures limit 2")
        assert all(len(line) <= WIDTH for line in out.splitlines())
        assert out.count("word") == 100
        assert "…" not in out

    def test_text_that_is_too_long_for_a_table_is_shortened_and_says_so(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out, _ = sql(capsys, "select 1 as n, repeat('word ', 999) as text from figures limit 2")
        assert len(out.splitlines()) < 20
        assert out.rstrip().endswith("… the rest of long cells; --csv has all")

    def test_a_single_row_that_is_too_wide_is_shown_upright(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        names = ", ".join(f"n as column_{i}" for i in range(30))
        out, _ = sql(capsys, f"select {names} from figures limit 1")
        assert len(out.splitlines()) == 30
        assert out.splitlines()[29].split() == ["column_29", "0"]

    def test_more_or_all_rows_can_be_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "… 60 more rows; --csv has all" in sql(capsys, "from figures")[0]
        assert "… 95 more rows" in sql(capsys, "--rows", "5", "from figures")[0]
        out, _ = sql(capsys, "--rows", "0", "from figures")
        assert "label 99" in out
        assert "…" not in out

    def test_a_result_without_rows_says_so(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert "(no rows)" in sql(capsys, "from figures where false")[0]

    def test_control_characters_do_not_reach_the_terminal(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out, _ = sql(capsys, "select chr(27) || '[31m' as text")
        assert "\x1b" not in out
        assert r"\x1b[31m" in out


@pytest.mark.usefixtures("home")
class TestForPrograms:
    def test_csv_has_every_row_and_column(self, capsys: pytest.CaptureFixture[str]) -> None:
        out, _ = sql(capsys, "select *, ['a', null] as list, null as x from figures", "--csv")
        rows = list(csv.DictReader(io.StringIO(out)))
        assert len(rows) == 100
        assert rows[1] == {
            "n": "1",
            "m": "2024-02-01",
            "label": "label 1",
            "list": '["a", null]',
            "x": "",
        }

    def test_json_has_every_row_and_column(self, capsys: pytest.CaptureFixture[str]) -> None:
        query = "select *, n as n, 'nan'::double as x, [m] as list from figures"
        rows = json.loads(sql(capsys, query, "--json")[0])
        assert len(rows) == 100
        assert rows[2] == {
            "n": 2,
            "m": "2024-03-03",
            "label": "label 2",
            "n_2": 2,
            "x": None,
            "list": ["2024-03-03"],
        }

    def test_both_at_once_is_a_usage_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        sql(capsys, "select 1", "--csv", "--json", expect=2)

    def test_a_query_comes_from_standard_input(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"select 6 * 7 as n")))
        assert sql(capsys, "-", "--csv")[0] == "n\n42\n"

    @pytest.mark.parametrize("name", ["stdin", "stdout"])
    def test_a_closed_stream_is_a_usage_error(
        self, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(f"sys.{name}", None)
        _, err = sql(capsys, "-", "--csv", expect=2)
        assert f"found standard {name.removeprefix('std')}put closed" in err

    @pytest.mark.parametrize("argument", ["-", "select '\udcff'"])
    def test_bytes_that_are_no_text_are_a_usage_error(
        self, argument: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"select '\xff'")))
        _, err = sql(capsys, argument, expect=2)
        assert r"found '\udcff' at character 9, expected UTF-8" in " ".join(err.split())

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("interval '1 month'", "1 month"),
            ("interval '100000000 years'", "100000000 years"),
            ("date 'infinity'", "infinity"),
            ("date '290000-01-01'", "290000-01-01"),
            ("'-infinity'::timestamp", "-infinity"),
            ("'2024-01-01 00:00:00.123456789'::timestamp_ns", "2024-01-01 00:00:00.123456789"),
            ("'2024-01-01 10:00:00+02'::timestamptz", "2024-01-01 08:00:00+00"),
            ("time '24:00:00'", "24:00:00"),
            ("[interval '1 month', null]", ["1 month", None]),
            ("[[date 'infinity']]::date[][1]", [["infinity"]]),
            ("{'a \"b': date 'infinity', 'c': 1}", {'a "b': "infinity", "c": 1}),
            ("map {date 'infinity': 1}", {"infinity": 1}),
            ("row(1, date 'infinity')", "(1, infinity)"),
            ("union_value(k := date 'infinity')", "infinity"),
        ],
    )
    def test_times_are_as_duckdb_has_them(
        self, value: str, text: object, capsys: pytest.CaptureFixture[str]
    ) -> None:
        [row] = json.loads(sql(capsys, f'select {value} as "a ""name"', "--json")[0])
        assert row == {'a "name': text}

    def test_of_several_statements_the_last_result_is_printed(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        query = "from figures; select max(n) as n from figures"
        assert sql(capsys, query, "--csv")[0] == "n\n99\n"


@pytest.mark.parametrize(
    "query",
    [
        "select n from figures",
        "from figures",
        "with mine as (from figures) from mine",
        "values (1)",
        "describe figures",
        "describe select 1",
        "show tables",
        "summarize figures",
        "pragma table_info('figures')",
        "pivot (from figures limit 3) on label using sum(n)",
        "with wide as (pivot figures on label using sum(n)) from wide",
        "from (pivot figures on label using sum(n))",
        "select 1; pivot figures on label using sum(n); select 2",
        "-- a comment\nexplain select 1",
        "--a comment\nselect 1",
        "explain -- a comment\nfrom figures",
    ],
)
@pytest.mark.usefixtures("home")
def test_whatever_only_reads_is_allowed(query: str, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = sql(capsys, "--csv", query)
    assert len(out.splitlines()) > 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("selct 1", "syntax error"),
        ("from figurs", "Did you mean"),
        ("select error('late') from figures", "late"),
        ("", "found no statement"),
        ("drop table figures", "found a statement of type DROP; expected queries only: SELECT,"),
        ("insert into figures from figures", "expected queries only"),
        ("create temp table mine as from figures", "expected queries only"),
        ("copy figures to '{folder}/copy.csv'", "expected queries only"),
        ("copy (select 1) to '{home}/border.duckdb' (use_tmp_file false)", "type COPY"),
        ("copy (select 'x'::blob) to '{home}/border.duckdb.wal' (format blob)", "type COPY"),
        ("select 1; copy (select 1) to '{home}/border.duckdb' (use_tmp_file false)", "type COPY"),
        (
            "explain analyze copy (select 1) to '{home}/border.duckdb' (use_tmp_file false)",
            "type EXPLAIN",
        ),
        (
            "explain (analyze) copy (select 1) to '{home}/border.duckdb' (use_tmp_file false)",
            "type EXPLAIN",
        ),
        (
            "/* /* */ explain select 1 -- */ explain analyze copy (select 1) to"
            " '{home}/border.duckdb' (use_tmp_file false)",
            "type EXPLAIN",
        ),
        (
            "-- explain select 1 /*\nexplain analyze copy (select '*/') to '{home}/border.duckdb'"
            " (use_tmp_file false)",
            "type EXPLAIN",
        ),
        (
            "prepare p as copy (select 1) to '{home}/border.duckdb' (use_tmp_file false);"
            " execute p",
            "type PREPARE",
        ),
        (
            "copy (pivot figures on label using sum(n)) to '{home}/border.duckdb'"
            " (use_tmp_file false)",
            "type TRANSACTION",
        ),
        ("attach '{home}/border.duckdb' as again", "type ATTACH"),
        ("call enable_logging(storage = 'file', storage_path = '{folder}')", "enable_logging"),
        ("from enable_logging(storage = 'file', storage_path = '{folder}')", "enable_logging"),
        ("checkpoint", "type CALL"),
        ("from read_csv('{folder}/secret.csv')", "disabled by configuration"),
        ("from '{folder}/secret.csv'", "disabled by configuration"),
        ("attach '{folder}/other.duckdb'", "expected queries only"),
        ("set enable_external_access = true", "expected queries only"),
    ],
)
def test_a_query_that_is_wrong_or_reaches_further_is_a_usage_error(
    query: str, said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.parent / "secret.csv").write_text("secret\n1\n")
    before = (home / "border.duckdb").read_bytes()
    out, err = sql(capsys, query.format(folder=home.parent, home=home), expect=2)
    assert said in " ".join(err.split())
    assert out == ""
    assert (home / "border.duckdb").read_bytes() == before
    assert [path.name for path in home.iterdir()] == ["border.duckdb"]
    assert not (home.parent / "copy.csv").exists()
    assert not (home.parent / "other.duckdb").exists()


def test_without_a_published_file_the_error_is_that_of_other_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BORDERLEDGER_HOME", str(tmp_path / "none"))
    _, err = sql(capsys, "select 1", expect=2)
    assert "found no published file; run `borderledger nightly`" in err
