"""`borderledger status`: files of claims, and why the published file is not up to date."""

import json
from pathlib import Path

from tests.conftest import run_command


def test_files_of_claims_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    files = [tmp_path / "mine.csv", tmp_path / "gone.csv", tmp_path / "other.csv"]
    for file in (files[0], files[2]):
        file.write_text("measure,period,test\n")
    printed = run_command(tmp_path, "status", claims=files).stdout
    assert "2 of 3 usable" in printed
    assert "2 of 3" not in run_command(tmp_path, "status", claims=files[:1]).stdout
    as_json = json.loads(run_command(tmp_path, "status", "--json", claims=files).stdout)
    assert (as_json["claim_files"], len(as_json["unusable_claim_files"])) == (3, 1)


def test_what_is_not_up_to_date_says_why(tmp_path: Path) -> None:
    assert "no: nothing is published\n" in run_command(tmp_path, "status").stdout
    as_json = json.loads(run_command(tmp_path, "status", "--json").stdout)
    assert (as_json["up_to_date"], as_json["outdated_because"]) == (False, ["nothing is published"])
