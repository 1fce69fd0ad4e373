"""Every command and query in the docs runs and returns what the docs show."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import duckdb
import pytest

from orchestration.cli.commands import cli
from tests.conftest import PROJECT, run_command

DOCS = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((PROJECT / "docs").glob("*.md")),
]
PATH = re.compile(r"((?:orchestration|tests|dbt_project|expectations)/[\w./-]*)(<?)")
BLOCK = re.compile(r"```(sql|sql real|sh|csv)\n(.*?)```(?:\n+```text\n(.*?)```)?", re.DOTALL)
REAL = "sql real"  # a query that needs the agencies' own files
COOKBOOK = PROJECT / "docs" / "cookbook.md"
QUESTIONS = 40
LONGEST_QUERY, WIDEST_LINE = 8, 100  # lines and characters, of a recipe of the cookbook
LONGEST_RESULT = 14  # lines, its heading included


def blocks(language: str) -> list[tuple[str, str, str | None]]:
    """(page, text, shown result or None) of every code block in a language."""
    return [
        (path.name, found.group(2).strip(), found.group(3))
        for path in DOCS
        for found in BLOCK.finditer(path.read_text(encoding="utf-8"))
        if found.group(1) == language
    ]


def recipes() -> list[tuple[str, str]]:
    """(title, text) of every question of the cookbook."""
    page = COOKBOOK.read_text(encoding="utf-8")
    return re.findall(r"^### (.+)\n((?:(?!##).*\n)*)", page, re.MULTILINE)


def test_the_docs_have_queries_and_commands() -> None:
    assert len(blocks("sql")) >= 5
    assert len(blocks("sh")) >= 4
    assert blocks("csv")


@pytest.mark.parametrize(("page", "query", "shown"), blocks("sql"))
def test_a_query_in_the_docs_returns_the_shown_result(
    page: str, query: str, shown: str | None, bundle_home: Path
) -> None:
    _assert_returns(bundle_home, page, query, shown)


@pytest.mark.parametrize(("page", "query", "shown"), blocks(REAL))
def test_a_query_on_the_agencies_own_files_returns_the_shown_result(
    page: str, query: str, shown: str | None, every_release_home: Path
) -> None:
    _assert_returns(every_release_home, page, query, shown)


def test_the_cookbook_answers_at_least_forty_questions_each_once() -> None:
    titles = [title for title, _ in recipes()]
    assert len(titles) >= QUESTIONS
    assert all(title.endswith("?") for title in titles)
    assert len(set(titles)) == len(titles)


def test_a_recipe_is_one_short_query_with_its_result() -> None:
    for title, text in recipes():
        [(_, query, shown)] = BLOCK.findall(text)
        assert len(query.splitlines()) <= LONGEST_QUERY, title
        assert max(map(len, query.splitlines())) <= WIDEST_LINE, title
        assert 2 <= len(shown.splitlines()) <= LONGEST_RESULT, title


def test_a_recipe_says_whether_it_needs_the_agencies_own_files() -> None:
    for title, text in recipes():
        [(kind, _, _)] = BLOCK.findall(text)
        assert text.strip().startswith("With the agencies' own files.") == (kind == REAL), title


def test_the_cookbook_lists_its_subjects() -> None:
    page = COOKBOOK.read_text(encoding="utf-8")
    subjects = re.findall(r"^## (.+)$", page, re.MULTILINE)
    anchors = [(subject, subject.lower().replace(" ", "-")) for subject in subjects]
    assert re.findall(r"^\| \[(.+?)\]\(#(.+?)\)", page, re.MULTILINE) == anchors


def _assert_returns(home: Path, page: str, query: str, shown: str | None) -> None:
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        result = connection.execute(query)
        columns = [column[0] for column in result.description or []]
        rows = [[_as_shown(cell) for cell in row] for row in result.fetchall()]
    assert rows, f"{page}: the query returns no rows"
    if shown is not None:
        lines = [re.split(r"\s{2,}", line.strip()) for line in shown.strip().splitlines()]
        assert [columns, *rows] == lines


@pytest.mark.parametrize(("page", "text", "shown"), blocks("sh"))
def test_a_command_in_the_docs_works(
    page: str, text: str, shown: str | None, own_home: Path, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    for line in text.splitlines():
        words = shlex.split(line.replace("PATH/TO/FOLDER", str(landing)))
        if words[0] == "make":  # make is for a fresh clone: only check that the target exists
            done = subprocess.run(
                ["make", "--dry-run", *words[1:]], cwd=PROJECT, capture_output=True, check=False
            )
            assert done.returncode == 0, f"{page}: {line}: {done.stderr.decode()}"
        else:
            assert words[0].endswith("borderledger"), f"{page}: {line}"
            run_command(own_home, *words[1:])


@pytest.mark.parametrize(("page", "text", "shown"), blocks("csv"))
def test_the_claims_of_a_file_in_the_docs_hold(
    page: str, text: str, shown: str | None, bundle_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(text, encoding="utf-8")
    found = json.loads(run_command(bundle_home, "check", "--file", str(file), "--json").stdout)
    assert {one["verdict"] for one in found} <= {"supported", "supported after rounding"}, page


def test_every_command_that_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCS:
        text = path.read_text(encoding="utf-8")
        for command in re.findall(r"`(?:\.venv/bin/)?borderledger ([a-z]+)", text):
            assert command in cli.commands, f"{path.name} names the command {command}"
        for target in re.findall(r"`make ([a-z]+)", text):
            assert target in targets, f"{path.name} names the target {target}"


def test_the_data_engineers_page_lists_all_commands() -> None:
    page = (PROJECT / "docs" / "data-engineer.md").read_text(encoding="utf-8")
    [table] = re.findall(r"\| command \| what it does \|\n(.*?)\n\n", page, re.DOTALL)
    cells = " ".join(line.split("|")[1] for line in table.splitlines()[1:])
    assert set(re.findall(r"`([a-z]+)", cells)) == set(cli.commands)


def test_the_analysts_page_lists_every_table(bundle_home: Path) -> None:
    """But for those by release, which it explains together."""
    page = (PROJECT / "docs" / "analyst.md").read_text(encoding="utf-8")
    with duckdb.connect(str(bundle_home / "border.duckdb"), read_only=True) as connection:
        query = "select table_name from information_schema.tables where table_schema = 'main'"
        tables = {table for (table,) in connection.execute(query).fetchall()}
    found = {table for table in tables if f"`{table}`" in page}
    missing = {t for t in tables - found if t.removesuffix("_by_release") not in found}
    assert missing == set()


def test_every_path_that_the_docs_name_exists() -> None:
    for path in DOCS:
        text = path.read_text(encoding="utf-8")
        for name, is_placeholder in PATH.findall(text):
            whole = name.rpartition("/")[0] if is_placeholder else name.rstrip(".")
            assert (PROJECT / whole).exists(), f"{path.name} names {name}"


def test_every_link_in_the_docs_has_a_target() -> None:
    for path in DOCS:
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def _as_shown(cell: object) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)
