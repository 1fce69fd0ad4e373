"""The commands about releases."""

import json
from pathlib import Path

from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.review.review import review
from orchestration.settings import Settings
from tests.conftest import run_command
from tests.support.cbp_files import BY_STATE, SOUTHWEST, candidate
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved, second

WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())


def test_the_commands_show_refuse_and_accept_a_held_release(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, FIRST, WRONG)
    [held] = review(archive, corrections=[]).held()
    shown = run_command(tmp_path, "releases", held.release_id).stdout
    assert "held" in shown
    assert "U.S. Border Patrol" not in shown  # only Field Operations' adults moved
    assert "component: Office of Field Operations" in shown
    assert "(+7)" in shown
    refused = run_command(tmp_path, "refuse", held.release_id[:8], "--reason", "no", "--by", "Ada")
    assert refused.stdout == f"Refused {held.describe()}; no run includes it.\n"
    accepted = run_command(tmp_path, "accept", held.release_id, "--reason", "yes", "--by", "Grace")
    assert accepted.stdout == f"Accepted {held.describe()}; the next run includes it.\n"
    shown = run_command(tmp_path, "releases", held.release_id).stdout
    [kept] = [line for line in shown.splitlines() if line.startswith("held for")]
    assert kept.endswith(f" {held.held_for[0]}")
    health = json.loads(run_command(tmp_path, "status", "--json").stdout)
    assert (health["releases"], health["held"], health["refused"]) == (2, 0, 0)
    [first, second] = archive.releases()
    assert first.decisions == ()
    assert [(d.by, d.reason) for d in second.decisions] == [("Ada", "no"), ("Grace", "yes")]


def test_a_list_of_problems_says_where_the_other_cells_are(tmp_path: Path) -> None:
    exchanged = {"Single Adults": "UC / Single Minors", "UC / Single Minors": "Single Adults"}
    wrong = NEXT.with_cells("demographic", lambda _, label: exchanged[label])
    [held] = review(archive_of(tmp_path, FIRST, second(wrong)), corrections=[]).held()
    lines = run_command(tmp_path, "releases", "--problems").stdout.splitlines()
    cells = run_command(tmp_path, "releases", held.release_id).stdout.count(" -> ")
    assert sum(" -> " in line for line in lines) == 5
    [more] = [line.strip() for line in lines if " more cells: " in line]
    assert more == (
        f"and {cells - 5} more cells: `borderledger releases {held.release_id}` lists them all"
    )


def test_problems_are_of_the_dataset_that_has_refused_the_bytes(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, FIRST)
    found = candidate(tmp_path / "landing", FIRST.content, "2024-12", "page.csv", BY_STATE)
    assert Intake(Settings(tmp_path, offline=True)).take(found).kind == "refused"
    assert len(archive.releases()) == 2
    shown = run_command(tmp_path, "releases", "--problems").stdout
    assert shown.endswith("1 release waits for somebody.\n")
    assert SOUTHWEST not in shown


def test_a_dataset_that_the_catalogue_has_lost_is_named(tmp_path: Path) -> None:
    archive_of(tmp_path, FIRST)
    lost = (tmp_path / "archive" / SOUTHWEST).rename(tmp_path / "archive" / "given_up")
    for record in lost.glob("*/*.json"):
        record.write_text(record.read_text().replace(SOUTHWEST, "given_up"))
    failed = run_command(tmp_path, "releases", expect=3)
    assert failed.stderr == (
        f"borderledger: {lost}: found releases of a dataset that the catalogue does not have; put "
        "its YAML back, or move the folder out of the archive\n"
    )


def test_fetch_archives_only_the_named_datasets_and_refuses_unknown_names(tmp_path: Path) -> None:
    fetched = run_command(tmp_path, "fetch", "ice_removals_summary").stdout
    assert {line.split()[0] for line in fetched.splitlines()} == {"archived"}
    assert {r.dataset for r in Archive(tmp_path / "archive").releases()} == {"ice_removals_summary"}
    unknown = run_command(tmp_path, "fetch", "no-such-dataset", expect=2)
    assert "found dataset 'no-such-dataset', expected one of" in unknown.stderr
