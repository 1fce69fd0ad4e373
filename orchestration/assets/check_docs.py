"""Great Expectations' Data Docs of a build: a page for each suite, and an index, from disk.

What belongs here: rendering the results that the gates kept, with Great Expectations' own renderer
inside a page of the report's, because its own pages load styles and scripts from elsewhere.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from orchestration.builds.connection import connected
from orchestration.gates.kept_results import KeptResult, failing_rows, kept_results
from orchestration.gates.process import GreatExpectationsProcess
from orchestration.gates.validation import lean_import
from orchestration.report.beside import TEMPLATES, Beside
from orchestration.wording import counted

# Great Expectations escapes a part of what it shows; these characters of the data stand aside while
# it renders, and come back escaped
SPECIAL = "&<>\"'$"
ASIDE = {ord(character): chr(0xE000 + at) for at, character in enumerate(SPECIAL)}
BACK = {0xE000 + at: f"&#{ord(character)};" for at, character in enumerate(SPECIAL)}
MARKS = {ord(mark): "\ufffd" for mark in ASIDE.values()}  # nobody's characters, if data have them

SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
ICON = re.compile(r'<i class="fas [^"]*text-(\w+)[^>]*></i>')
VERDICTS = {"success": '<span class="verdict good">passed</span>'}
FAILED = '<span class="verdict bad">failed</span>'

FOLDER = "checks"
SUITES = """\
select "table", any_value(stage) as stage, count(*) as checks,
  count(*) filter (where status = 'passed') as passed,
  count(*) filter (where status = 'failed') as failed,
  count(*) filter (where status = 'not applicable') as not_applicable
from meta.gate_results group by "table" order by min(rowid)"""


def check_docs(process: GreatExpectationsProcess) -> Beside:
    """The results of the checks, to be written beside the report. process: renders them."""

    def write(database: Path, folder: Path) -> None:
        folder.mkdir()
        for name, html in process.each(pages, database):
            (folder / name).write_text(html, encoding="utf-8")

    return Beside(
        FOLDER, "Great Expectations' results of every check: what it expected and found", write
    )


def pages(database: Path) -> Iterator[tuple[str, str]]:
    """The name and the HTML of a page for each suite that ran, and of index.html. database: of the
    published build, beside which its results are kept."""
    rendering = _Pages()
    suites = list(_suites(database))
    kept = kept_results(database.parent)
    for suite in suites:
        results = kept.get(suite["table"])
        suite["page"] = page = f"{suite['table']}.html" if results else None
        if results and page:
            yield page, rendering.suite_page(suite["table"], results)
    yield "index.html", rendering.index(suites)


class _Pages:
    """The pages, whose templates are read once."""

    def __init__(self) -> None:
        with lean_import():
            from great_expectations.core.expectation_validation_result import (
                expectationSuiteValidationResultSchema,
            )
            from great_expectations.render.renderer.page_renderer import (
                ValidationResultsPageRenderer,
            )
            from great_expectations.render.view import DefaultJinjaPageView

        self._schema = expectationSuiteValidationResultSchema
        self._renderer = ValidationResultsPageRenderer(run_info_at_end=True)
        self._view = DefaultJinjaPageView(custom_views_directory=str(TEMPLATES))

    def suite_page(self, table: str, results: list[KeptResult]) -> str:
        """The page of one suite, from its kept results."""
        failed = sum(not result["success"] for result in results)
        aside = _aside(results)
        content = {
            "suite_name": table,
            "success": not failed,
            "results": aside,
            "statistics": {
                "evaluated_expectations": len(results),
                "successful_expectations": len(results) - failed,
                "unsuccessful_expectations": failed,
                "success_percent": 100 * (len(results) - failed) / len(results),
            },
            "meta": {},
        }
        document = self._renderer.render(self._schema.load(content))
        html: str = self._view.render(
            document,
            "checks_suite.html",
            ran=counted(len(results), "check"),
            failed=failed,
            checks=[_check(result) for result in aside],
        )
        html = ICON.sub(lambda icon: VERDICTS.get(icon[1], FAILED), SCRIPT.sub("", html))
        return html.translate(BACK)

    def index(self, suites: list[dict[str, Any]]) -> str:
        """The page that links the others."""
        html: str = self._view.env.get_template("checks_index.html").render(suites=suites)
        return html


def _suites(database: Path) -> Iterator[dict[str, Any]]:
    with connected(database, read_only=True) as connection:
        cursor = connection.execute(SUITES)
        names = [column[0] for column in cursor.description or ()]
        yield from (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _aside(value: Any) -> Any:
    """A result with its special characters aside, in its names as well as in its values."""
    if isinstance(value, str):
        return value.translate(MARKS).translate(ASIDE)
    if isinstance(value, list):
        return [_aside(part) for part in value]
    if isinstance(value, dict):
        return {_aside(name): _aside(part) for name, part in value.items()}
    return value


def _check(result: KeptResult) -> dict[str, Any]:
    """What Great Expectations' renderer leaves out of a result that is aside."""
    config = result["expectation_config"]
    rows = [] if result["success"] else failing_rows(result)
    return {
        "name": config["meta"]["check"],
        "passed": result["success"],
        "severity": config.get("severity"),
        "notes": config.get("notes"),
        "rows": [json.dumps(row, ensure_ascii=False).translate(ASIDE) for row in rows],
    }
