"""dbt's output during a run: in a file, not among the lines that people read."""

import logging
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.assets.dbt_output import dbt_output_in


def test_what_is_printed_goes_to_the_file_and_reports_of_commands_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "dbt" / "output.log"
    dagster_dbt = dg.get_dagster_logger()
    with caplog.at_level(logging.INFO, dagster_dbt.name):
        for line in ("first", "second"):
            with dbt_output_in(file):
                sys.stdout.write(f"{line}\n")
                dagster_dbt.info("Running dbt command")
                dagster_dbt.warning("a column is missing")
        dagster_dbt.info("heard again")
    assert file.read_text() == "first\nsecond\n"
    assert capsys.readouterr().out == ""
    messages = [record.message for record in caplog.records]
    assert messages == ["a column is missing", "a column is missing", "heard again"]


def test_a_failure_names_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "output.log"
    with pytest.raises(ValueError, match="dbt"), dbt_output_in(file):
        raise ValueError("dbt")
    assert f"dbt failed; its output is in {file}" in caplog.text
