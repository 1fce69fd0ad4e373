"""What an archive asset shows of its releases, and of one that a person must decide on."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from orchestration.assets import release_metadata
from orchestration.assets.release_metadata import held_release, release_reasons, release_rows
from orchestration.releases.release import GateHold, Release
from orchestration.review.review import Review, review
from tests.support.reviews import FIRST, NEXT, File, archive_of, moved


@pytest.fixture
def reviewed(tmp_path: Path) -> Review:
    """A review of two releases, of which the second moves a closed month by seven and is held."""
    wrong = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
    return review(archive_of(tmp_path, FIRST, wrong), corrections=[])


@pytest.fixture
def held(reviewed: Review) -> Release:
    [release] = reviewed.held()
    return release


def text(value: dg.MetadataValue | None) -> str:
    assert isinstance(value, dg.MarkdownMetadataValue)
    return value.value


def test_the_table_of_releases_has_a_short_row_for_each_the_newest_first(
    reviewed: Review, held: Release
) -> None:
    table = release_rows(reviewed.releases)
    assert isinstance(table, dg.TableMetadataValue)
    first, second = (record.data for record in table.records)
    assert list(first) == [column.name for column in table.schema.columns]
    assert first == {
        "published": "2025-01",
        "verdict": "held",
        "rows": held.rows,
        "months": f"{held.first_month:%Y-%m} to {held.last_month:%Y-%m}",
        "release": held.release_id[:8],
    }
    assert second["verdict"] == "accepted"
    assert max(len(str(cell)) for cell in first.values()) < 20


def test_a_release_of_which_a_table_is_held_is_accepted_in_part(held: Release) -> None:
    in_part = held.model_copy(update={"verdict": "accepted", "held_tables": ("removals",)})
    table = release_rows([in_part])
    assert isinstance(table, dg.TableMetadataValue)
    assert table.records[0].data["verdict"] == "accepted in part"


def test_reasons_are_given_for_releases_that_do_not_wait(reviewed: Review, held: Release) -> None:
    assert release_reasons(reviewed.releases) is None
    refused = held.refused("labels_are_known", f"{held.file_name}: found <b>nonsense</b>")
    assert text(release_reasons([refused, held])) == (
        f"- 2025-01, `{held.release_id}`, {held.file_name}: found \\<b\\>nonsense\\</b\\>"
    )


def test_a_held_release_shows_each_finding_on_a_line_of_its_own(
    reviewed: Review, held: Release
) -> None:
    shown = text(held_release(held, reviewed.moved)[f"held {held.release_id[:8]}"])
    head, blank, *findings = shown.split("\n")
    assert head == f"{held.file_name}, published 2025-01"
    assert blank == ""
    assert findings == [f"- {finding}" for finding in held.held_for]
    assert "closed fiscal year" in findings[0]


def test_the_figures_of_a_moved_cell_stand_side_by_side(reviewed: Review, held: Release) -> None:
    shown = text(
        held_release(held, reviewed.moved)[f"held {held.release_id[:8]}: cells that moved"]
    )
    header, _, row = shown.split("\n")
    assert header == "| cell | before | after | difference |"
    [cell] = reviewed.moved.iter_rows(named=True)
    before, after = cell["figure_before"], cell["figure_after"]
    assert row.startswith("| 2024-03-01 component: ")
    assert row.endswith(f"| {before:,} | {after:,} | +7 |")


def test_a_cell_that_one_release_lacks_says_none_and_more_cells_are_counted(
    reviewed: Review, held: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_metadata, "CELLS_SHOWN", 1)
    gone = reviewed.moved.with_columns(
        figure_after=pl.lit(None, pl.Int64), difference=-pl.col("figure_before")
    )
    shown = text(
        held_release(held, pl.concat([gone, gone]))[f"held {held.release_id[:8]}: cells that moved"]
    )
    assert "| none | -" in shown
    assert f"And 1 more: `borderledger releases {held.release_id}` lists them all." in shown


def test_a_held_release_names_the_commands_and_jobs_that_decide(
    reviewed: Review, held: Release
) -> None:
    shown = text(held_release(held, reviewed.moved)[f"held {held.release_id[:8]}: how to decide"])
    for command in ("accept", "refuse"):
        assert f'borderledger {command} {held.release_id} --reason "…"' in shown.split("\n\n")
    assert "the job `decide`" in shown
    assert "the job `redate`" in shown


def test_the_cells_of_other_releases_are_left_out(reviewed: Review, held: Release) -> None:
    other = held.model_copy(update={"release_id": "0" * 16})
    assert list(held_release(other, reviewed.moved)) == [
        "held 00000000",
        "held 00000000: how to decide",
    ]


def test_a_release_that_a_gate_holds_shows_the_rows_that_failed(held: Release) -> None:
    by_gate = GateHold(
        run_id="r",
        table="main.t",
        check="c",
        rows=1,
        examples='[{"i": -1}]',
        on=datetime(2025, 1, 2, tzinfo=UTC),
    )
    release = held.model_copy(update={"held_by_gate": by_gate})
    rows = held_release(release, pl.DataFrame({"release_id": []}, schema={"release_id": pl.String}))
    table = rows[f"held {held.release_id[:8]}: rows that failed"]
    assert isinstance(table, dg.TableMetadataValue)
    assert table.records[0].data == {"i": -1}
