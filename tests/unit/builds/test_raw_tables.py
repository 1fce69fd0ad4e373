"""Raw and provenance tables: the published rows with corrections, holds and decisions."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.review.decisions import decide
from orchestration.review.review import Review, review
from tests.support.cbp_files import SOUTHWEST
from tests.support.corrections import FILES, RIGHT, ROW, correction
from tests.support.reviews import NEXT, File, archive_of, counted, moved


class TestTheTables:
    """Raw tables keep the published figures and have corrections in columns of their own."""

    def loaded(self, folder: Path, archive: Archive, reviewed: Review) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(str(folder / "small.duckdb"))
        connection.execute("create schema raw; create schema meta")
        catalogue = {SOUTHWEST: load_catalogue()[SOUTHWEST]}
        load_raw_dataset(connection, archive, catalogue[SOUTHWEST], reviewed)
        load_provenance(connection, reviewed, catalogue, folder)
        return connection

    def test_have_a_correction_beside_its_rows(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, *FILES)
        reviewed = review(archive, corrections=[correction()])
        release_id = reviewed.releases[1].release_id
        with self.loaded(tmp_path, archive, reviewed) as connection:
            corrected_rows = connection.execute(
                "select release_id, row_number, encounters, correction, corrected_column,"
                " corrected_figure, problem from raw.cbp_southwest_encounters"
                " where correction is not null or corrected_column is not null"
                " or corrected_figure is not null"
            ).fetchall()
            corrections = connection.execute(
                "select name, dataset, release_id, cells, expects, use, leave_out, since, until,"
                " rows from meta.corrections"
            ).fetchall()
            rejected = connection.execute("select * from meta.rejected_rows").fetchall()
        name = "nine-thousand-too-many"
        assert corrected_rows == [
            (
                *(release_id, ROW + 2, str(RIGHT + 9000), name),
                *("encounters", str(RIGHT), None),
            )
        ]
        cells = '{"month": "2024-03", "component": "USBP", "demographic": "single adults"}'
        assert corrections == [
            (
                *(name, SOUTHWEST, release_id, cells, RIGHT + 9000, RIGHT, False),
                *(date(2025, 1, 1), None, 1),
            )
        ]
        assert rejected == []

    def test_list_left_out_rows_as_rejected(self, tmp_path: Path) -> None:
        archive = archive_of(tmp_path, FILES[1])
        left_out = correction(use=None, leave_out=True)
        [held] = review(archive, corrections=[left_out]).held()  # the month now lacks a label
        decide(archive, held.release_id, "accepted", "it was there twice", "Ada")
        reviewed = review(archive, corrections=[left_out])
        with self.loaded(tmp_path, archive, reviewed) as connection:
            rejected = connection.execute(
                "select row_number, reason, cells->>'encounters' from meta.rejected_rows"
            ).fetchall()
            kept = connection.execute(
                "select count(*) filter (problem is null), count(corrected_column)"
                " from raw.cbp_southwest_encounters"
            ).fetchall()
        reason = "left out by correction nine-thousand-too-many"
        assert rejected == [(ROW + 2, reason, str(RIGHT + 9000))]
        assert kept == [(len(NEXT.rows) - 1, 0)]

    def test_show_what_is_held_and_who_decided(self, tmp_path: Path) -> None:
        later = File("2025-02", moved(counted(last="2025-01"), 2024, "APR", 1).bytes())
        archive = archive_of(tmp_path, *FILES, later)
        held = review(archive, corrections=[]).held()[0]
        decide(archive, held.release_id, "accepted", "as CBP says", "Ada")
        reviewed = review(archive, corrections=[])
        with self.loaded(tmp_path, archive, reviewed) as connection:
            releases = connection.execute(
                "select verdict, decided_by, decision_reason, decided_on is null"
                " from meta.releases order by published_on"
            ).fetchall()
            raw = connection.execute(
                "select distinct release_id from raw.cbp_southwest_encounters"
            ).fetchall()
            cells = connection.execute(
                "select release_id, against_release_id, period, figure_after - figure_before,"
                " difference from meta.held_cells order by period"
            ).fetchall()
            envelopes = connection.execute(
                "select distinct release_id, month, is_exact from meta.row_envelopes"
                " where month in ('2024-04-01', '2024-12-01') order by all"
            ).fetchall()
        first, accepted, still_held = (r.release_id for r in reviewed.releases)
        assert releases == [
            ("accepted", None, None, True),
            ("accepted", "Ada", "as CBP says", False),
            ("held", None, None, True),
        ]
        assert {name for (name,) in raw} == {first, accepted}
        assert cells == [
            (still_held, accepted, "2024-03-01", -9000, -9000),
            (still_held, accepted, "2024-04-01", 1, 1),
        ]
        assert envelopes == sorted(
            (name, date(2024, month, 1), month == 4)
            for name in (accepted, still_held)
            for month in (4, 12)
        )

    def test_name_the_url_of_a_release_and_whether_it_is_inferred(self, tmp_path: Path) -> None:
        """A file that was fetched has its own URL; one from a folder, where CBP had put files of
        that time, marked as inferred, or none."""
        archive = archive_of(tmp_path, *FILES)
        reviewed = review(archive, corrections=[])
        url = "https://www.cbp.gov/elsewhere/sbo-encounters-fy22-fy25-dec.csv"
        releases = (
            reviewed.releases[0].model_copy(update={"source": url}),
            reviewed.releases[1].model_copy(update={"published_on": date(2024, 12, 31)}),
            reviewed.releases[1].model_copy(update={"published_on": date(2024, 2, 29)}),
        )
        named = replace(reviewed, releases=releases)
        with self.loaded(tmp_path, archive, named) as connection:
            found = connection.execute(
                "select source_url, source_url_is_inferred, file_name from meta.releases"
            ).fetchall()
        name = reviewed.releases[1].file_name
        assert [row[:2] for row in found] == [
            (url, False),
            (f"https://www.cbp.gov/sites/default/files/2024-12/{name}", True),
            (None, None),
        ]


def test_a_raw_table_says_which_cells_it_has(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, *FILES)
    reviewed = review(archive, corrections=[])
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        for name in (SOUTHWEST, "ice_detention_statistics"):
            load_raw_dataset(connection, archive, load_catalogue()[name], reviewed)
        comments = dict(
            connection.execute("select table_name, comment from duckdb_tables()").fetchall()
        )
    assert comments[SOUTHWEST].endswith(", as published: every cell.")
    assert "the cells of these tables: removals, " in comments["ice_detention_statistics"]
