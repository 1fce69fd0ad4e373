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


def test_the_last_run_is_named_with_why_it_failed_beside_the_build_that_is_published(
    own_home: Path,
) -> None:
    """Also one that failed before any run of Dagster's, as where a file of the archive is damaged,
    and until another run succeeds."""
    published = json.loads(run_command(own_home, "status", "--json").stdout)["build"]
    damaged = next((own_home / "archive").rglob("release.csv"))
    content = damaged.read_bytes()
    damaged.write_bytes(content + b"more")
    run_command(own_home, "nightly", expect=3)
    status = json.loads(run_command(own_home, "status", "--json").stdout)
    assert (status["build"], status["last_run_outcome"]) == (published, "failed")
    assert status["last_run"].startswith("nightly failed on ")
    assert status["last_run_reason"].startswith(f"{damaged}: found sha256 ")
    damaged.write_bytes(content)
    run_command(own_home, "nightly")
    status = json.loads(run_command(own_home, "status", "--json").stdout)
    assert status["last_run"].startswith("nightly succeeded on ")
    assert status["last_run_reason"] is None
