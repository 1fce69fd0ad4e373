"""The pages of the checks: what ran, what failed and why, and nothing that data could slip in."""

import re
from pathlib import Path

import duckdb
import pytest

from orchestration.assets.check_docs import pages as pages_of
from orchestration.builds.comments import GATE_RESULTS
from orchestration.gates.expectation import Expectation
from orchestration.gates.suites import Suite
from orchestration.gates.validation import run_suites

HOSTILE = "<script>alert('1')</script> & \"$x\" <!-- \ue000"
ESCAPED = (
    "&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62; &#38; &#34;&#36;x&#34; &#60;!-- \ufffd"
)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """The pages of a build with a table of two rows, in which one check passes and two fail."""
    database = tmp_path / "border.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("create table t (id bigint, label varchar)")
        connection.execute("insert into t values (1, 'fine'), (2, ?)", [HOSTILE])
    suite = Suite(
        table="main.t",
        stage="facts",
        key=("id",),
        expectations=(
            Expectation(
                type="expect_column_values_to_be_in_set",
                kwargs={"column": "label", "value_set": ["fine"]},
                severity="warning",
                notes=f"Labels are listed, not {HOSTILE}.",
            ),
            Expectation(
                type="unexpected_rows_expectation",
                kwargs={"unexpected_rows_query": "select * from {batch} where length(label) > 4"},
                name="labels_are_short",
                severity="warning",
                notes="A label is short.",
            ),
            Expectation(
                type="expect_column_values_to_be_unique",
                kwargs={"column": "id"},
                severity="critical",
                notes="One row an id.",
            ),
        ),
    )
    absent = suite.model_copy(update={"table": "main.absent", "needs_release_of": ("d",)})
    results = run_suites(database, [suite, absent], set(), kept_in=tmp_path)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema meta")
        columns = ", ".join(f'"{column}" varchar' for column in GATE_RESULTS.columns)
        connection.execute(f"create table meta.gate_results ({columns})")
        for result in results:
            connection.execute(
                'insert into meta.gate_results ("table", stage, status) values (?, ?, ?)',
                [result.table, result.stage, result.status],
            )
    folder = tmp_path / "checks"
    folder.mkdir()
    for name, html in pages_of(database):
        (folder / name).write_text(html)
    return folder


def test_the_index_links_the_suites_that_ran(pages: Path) -> None:
    index = (pages / "index.html").read_text()
    [absent, ran] = re.findall(r"<tr>\n(.*?)</tr>", index, re.DOTALL)
    assert '<a href="main.t.html">main.t</a>' in ran
    assert ">failed</span>" in ran
    assert re.findall(r'class="number">(\d)', ran) == ["3", "1", "2", "0"]
    assert "href" not in absent
    assert ">not applicable</span>" in absent
    assert {path.name for path in pages.iterdir()} == {"index.html", "main.t.html"}


def test_a_page_shows_each_check_with_what_failed(pages: Path) -> None:
    page = (pages / "main.t.html").read_text()
    assert "3 checks ran, 2 failed." in page
    # in the list of checks, and in Great Expectations' own tables
    assert page.count(">failed</span>") == 4
    assert page.count(">passed</span>") == 2
    assert "select * from {batch} where length(label) &#62; 4" in page
    assert "One row an id." in page
    assert "50% unexpected" in page


def test_text_of_the_data_is_escaped_and_no_script_is_left(pages: Path) -> None:
    page = (pages / "main.t.html").read_text()
    assert f"Labels are listed, not {ESCAPED}." in page
    assert "script&#62;" in page.split("A label is short.")[1].split("</ul>")[0]
    assert "<script" not in page
    assert "<!--" not in page


def test_nothing_is_asked_for_from_elsewhere(pages: Path) -> None:
    for page in pages.iterdir():
        addresses = re.findall(r'(?:src|href)="([^"]*)"', page.read_text())
        assert [address for address in addresses if "//" in address] == []
