"""Corrections: known errors of the publishers, corrected beside what was published."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.catalogue.corrections import Correction, load_corrections
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.review.corrections import CorrectionError
from orchestration.review.decisions import decide
from orchestration.review.review import Review, review
from orchestration.settings import ConfigurationError
from tests.support.cbp_files import SOUTHWEST
from tests.support.reviews import (
    BEFORE,
    NEXT,
    ROWS_PER_MONTH,
    File,
    archive_of,
    counted,
    figure,
    moved,
    review_files,
    row_of,
    verdicts,
)
from tests.support.workbooks import MONTHLY_TABLES, REPATS, monthly_tables

WRONG = moved(NEXT, 2024, "MAR", 9000, number=2)  # Border Patrol's adults
ROW = row_of(NEXT, 2024, "MAR", 2)
RIGHT = figure(NEXT, ROW)
ADULTS = {"month": "2024-03", "component": "USBP", "demographic": "single adults"}
FILES = File("2024-12", BEFORE.bytes()), File("2025-01", WRONG.bytes())


def correction(**changes: Any) -> Correction:
    """A correction: since January 2025 the figure of Border Patrol's adults of March 2024 is
    9,000 too high."""
    return Correction.model_validate(
        {
            "name": "nine-thousand-too-many",
            "dataset": SOUTHWEST,
            "cells": ADULTS,
            "expects": RIGHT + 9000,
            "use": RIGHT,
            "reason": "CBP's page has a lower total for the month.",
            "source": "https://www.cbp.gov",
            "since": date(2025, 1, 1),
        }
        | changes
    )


def corrected(home: Path, *corrections: Correction, files: tuple[File, ...] = FILES) -> Review:
    return review(archive_of(home, *files), corrections=corrections)


class TestACorrectedFigure:
    """`use` replaces the published figure."""

    def test_prevents_a_hold(self, tmp_path: Path) -> None:
        assert verdicts(review_files(tmp_path / "without", *FILES)) == ["accepted", "held"]
        reviewed = corrected(tmp_path / "with", correction())
        assert verdicts(reviewed) == ["accepted", "accepted"]
        [applied] = reviewed.applied
        assert (applied.release_id, applied.rows) == (reviewed.releases[1].release_id, 1)
        assert applied.texts["component"] == ("U.S. Border Patrol",)

    def test_is_what_later_releases_are_compared_with(self, tmp_path: Path) -> None:
        right = File("2025-02", counted(last="2025-01").bytes())
        ended = correction(until=date(2025, 2, 1))
        reviewed = corrected(tmp_path, ended, files=(*FILES, right))
        assert verdicts(reviewed) == ["accepted"] * 3
        assert len(reviewed.applied) == 1

    def test_can_itself_be_beyond_the_limits(self, tmp_path: Path) -> None:
        reviewed = corrected(tmp_path, correction(use=RIGHT + 1))
        assert verdicts(reviewed) == ["accepted", "held"]
        assert reviewed.moved["difference"].to_list() == [1]

    def test_may_be_in_a_first_and_only_release(self, tmp_path: Path) -> None:
        reviewed = corrected(tmp_path, correction(), files=FILES[1:])
        assert verdicts(reviewed) == ["accepted"]
        assert len(reviewed.applied) == 1

    def test_may_be_named_by_fiscal_year_and_month_name(self, tmp_path: Path) -> None:
        cells = ADULTS | {"fiscal_year": "2024", "month_name": "March"}
        del cells["month"]
        reviewed = corrected(tmp_path, correction(cells=cells))
        assert verdicts(reviewed) == ["accepted", "accepted"]

    @pytest.mark.parametrize("text", ["{:,}", "{}.0", "{}.00 ", " {:,} "])
    def test_is_found_however_it_is_written(self, tmp_path: Path, text: str) -> None:
        written = WRONG.with_cell(ROW, "encounters", text.format(RIGHT + 9000))
        files = FILES[0], File("2025-01", written.bytes())
        assert verdicts(corrected(tmp_path, correction(), files=files)) == ["accepted"] * 2

    def test_goes_into_one_row_only(self, tmp_path: Path) -> None:
        cells = {"month": "2024-03", "component": "USBP"}
        total = RIGHT + 9000 + figure(NEXT, ROW + 1)
        with pytest.raises(CorrectionError, match=r"found 2 rows for .* expected one row to set"):
            corrected(tmp_path, correction(cells=cells, expects=total))


class TestRowsThatAreLeftOut:
    """`leave_out` takes out every matching row; `expects` is their sum."""

    def test_are_summed_over_every_spelling(self, tmp_path: Path) -> None:
        """A release with both names of a category in one month, and two rows of them too many."""
        first = row_of(NEXT, 2024, "MAR")
        extra = [
            NEXT.with_cell(first + 1, "citizenship", "Mexico").rows[first + 1],
            NEXT.with_cell(first + 1, "demographic", "UAC")
            .with_cell(first + 1, "citizenship", "Mexico ")
            .with_cell(first + 1, "component", "USBP")
            .with_cell(first + 1, "encounter_type", "Apprehensions")
            .rows[first + 1],
        ]
        rows = (*NEXT.rows[: first + ROWS_PER_MONTH], *extra, *NEXT.rows[first + ROWS_PER_MONTH :])
        with_extra = type(NEXT)(NEXT.columns, NEXT.header, rows)
        files = FILES[0], File("2025-01", with_extra.bytes())
        assert verdicts(review_files(tmp_path / "without", *files)) == ["accepted", "held"]
        left_out = correction(
            cells={"month": "2024-03", "demographic": "UAC", "citizenship": "MEXICO"},
            expects=2 * figure(NEXT, first + 1),
            use=None,
            leave_out=True,
        )
        reviewed = corrected(tmp_path / "with", left_out, files=files)
        assert verdicts(reviewed) == ["accepted", "accepted"]
        [applied] = reviewed.applied
        assert applied.rows == 2
        assert applied.texts["demographic"] == ("UAC", "UC / Single Minors")
        assert applied.texts["citizenship"] == ("Mexico", "Mexico ")

    def test_do_not_include_totals_of_fiscal_years(self, tmp_path: Path) -> None:
        """A row of a fiscal year has no month, so a correction of a month does not match it."""
        before = monthly_tables()
        fewer = before.changed(REPATS, lambda sheet: sheet.with_cell("F5", 5))
        files = [
            File(published, workbook.bytes(), MONTHLY_TABLES, "a.xlsx")
            for published, workbook in [("2024-02-09", before), ("2024-03-08", fewer)]
        ]
        removal = correction(
            dataset=MONTHLY_TABLES,
            cells={"month": "2022-10", "table_name": "repatriations_by_type", "series": "removal"},
            expects=1000,
            use=None,
            leave_out=True,
            since=date(2024, 1, 1),
        )
        reviewed = corrected(tmp_path, removal, files=tuple(files))
        assert verdicts(reviewed) == ["accepted", "held"]
        [held] = reviewed.held()
        assert "FY2023, repatriations_by_type, removal" in str(held.reason)


class TestWhenItApplies:
    """From one publication date until another, and to releases that cover its month."""

    @pytest.mark.parametrize(
        ("since", "until", "applies"),
        [
            ("2025-01-31", None, True),  # a date known only to the month is the month's last day
            ("2025-02-01", None, False),
            ("2025-01-01", "2025-02-01", True),
            ("2025-01-01", "2025-01-31", False),
        ],
    )
    def test_depends_on_the_publication_date(
        self, tmp_path: Path, since: str, until: str | None, applies: bool
    ) -> None:
        reviewed = corrected(tmp_path, correction(since=since, until=until))
        assert len(reviewed.applied) == applies
        assert verdicts(reviewed) == ["accepted", "accepted" if applies else "held"]

    @pytest.mark.parametrize(
        "cells",
        [
            {"month": "2022-09"},
            {"month": "2025-01"},
            {"fiscal_year": "2025", "month_name": "FEB"},
            {"fiscal_year": "2022"},
        ],
    )
    def test_excludes_a_release_that_does_not_cover_the_month(
        self, tmp_path: Path, cells: dict[str, str]
    ) -> None:
        elsewhere = correction(cells=cells | {"component": "USBP"})
        files = FILES[0], File("2025-01", NEXT.bytes())
        reviewed = corrected(tmp_path, elsewhere, files=files)
        assert reviewed.applied == ()
        assert verdicts(reviewed) == ["accepted", "accepted"]

    def test_excludes_other_datasets(self, tmp_path: Path) -> None:
        other = correction(dataset="cbp_southwest_summary")
        assert corrected(tmp_path, other).applied == ()

    def test_excludes_a_release_that_a_person_refused(self, tmp_path: Path) -> None:
        """Its figures do not show that the publisher has corrected the error."""
        not_cbps = File("2025-02", moved(WRONG, 2024, "MAR", 5, number=2).bytes())
        archive = archive_of(tmp_path, *FILES, not_cbps)
        with pytest.raises(CorrectionError):
            review(archive, corrections=[correction()])
        [name] = [r.release_id for r in archive.releases() if r.published_on == date(2025, 2, 28)]
        decide(archive, name, "refused", "not CBP's file", "Ada")
        reviewed = review(archive, corrections=[correction()])
        assert verdicts(reviewed) == ["accepted", "accepted", "refused"]
        assert len(reviewed.applied) == 1


class TestOnceThePublisherHasCorrectedIt:
    """A correction that does not find the figure it expects fails, and says what to do."""

    @pytest.mark.parametrize("figure_now", [RIGHT, RIGHT + 8999])
    def test_the_error_names_the_day_to_end_it(self, tmp_path: Path, figure_now: int) -> None:
        changed = File("2025-02", NEXT.with_cell(ROW, "encounters", str(figure_now)).bytes())
        archive = archive_of(tmp_path, *FILES, changed)
        [release] = [r for r in archive.releases() if r.published_on == date(2025, 2, 28)]
        expected = (
            f"corrections.yaml: nine-thousand-too-many: release {release.describe()}: found "
            f"{figure_now:,} in {ADULTS}, expected {RIGHT + 9000:,}: the publisher has corrected "
            "it; end the correction with `until: 2025-02-28`"
        )
        with pytest.raises(CorrectionError, match=re.escape(expected)):
            review(archive, corrections=[correction()])
        ended = correction(until=date(2025, 2, 28))
        assert verdicts(review(archive, corrections=[ended]))[1] == "accepted"

    def test_missing_rows_are_an_error_too(self, tmp_path: Path) -> None:
        """Even if the correction expects them to sum to 0."""
        left_out = correction(
            cells=ADULTS | {"citizenship": "Atlantis"}, expects=0, use=None, leave_out=True
        )
        with pytest.raises(CorrectionError, match="has corrected it"):
            corrected(tmp_path, left_out)


WRITTEN = {
    "name": "wrong-cell",
    "dataset": SOUTHWEST,
    "cells": {"month": "2024-03"},
    "expects": 5,
    "use": 4,
    "reason": "the figure is wrong",
    "source": "https://www.cbp.gov",
    "since": date(2025, 1, 1),
}


class TestTheFile:
    """corrections.yaml is checked when it is read."""

    def write(self, folder: Path, *entries: dict[str, Any]) -> Path:
        path = folder / "corrections.yaml"
        path.write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
        return path

    def test_of_the_project_is_valid(self) -> None:
        assert all(known.reason for known in load_corrections())

    def test_is_read_entry_by_entry(self, tmp_path: Path) -> None:
        [read] = load_corrections(self.write(tmp_path, WRITTEN))
        assert (read.name, read.figure, read.since) == (
            "wrong-cell",
            "encounters",
            date(2025, 1, 1),
        )

    def test_may_be_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "corrections.yaml"
        path.write_text("# no corrections\n", encoding="utf-8")
        assert load_corrections(path) == ()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"name": "Two Words"}, r"0\.name"),
            ({"cells": {}}, r"0\.cells"),
            ({"cells": {"month": "2024-03", "fiscal_year": 2024}}, r"0\.cells\.fiscal_year"),
            ({"expects": "many"}, r"0\.expects"),
            ({"use": -1}, r"0\.use"),
            ({"reason": ""}, r"0\.reason"),
            ({"source": None}, r"0\.source"),
            ({"since": "soon"}, r"0\.since"),
            ({"colour": "red"}, r"0\.colour"),
            ({"leave_out": True}, "wrong-cell: expected either use or leave_out"),
            ({"use": None}, "wrong-cell: expected either use or leave_out"),
            ({"dataset": "cbp_north"}, "wrong-cell: found no dataset 'cbp_north'"),
            ({"cells": {"sector": "x"}}, r"wrong-cell: found cells \['sector'\], which"),
            ({"cells": {"month": "2024-3"}}, "wrong-cell: found month '2024-3', expected a month"),
            ({"cells": {"month": "March 2024"}}, "found month 'March 2024'"),
            (
                {"cells": {"component": "Border Patrl"}},
                "wrong-cell: found component 'Border Patrl', expected .* a label of the vocabulary",
            ),
            ({"column": "rows"}, "wrong-cell: found column 'rows', which is no figure"),
            (
                {"dataset": "cbp_at_large_split"},
                r"wrong-cell: expected column, one of \['total', 'at_large', 'at_entry'\]",
            ),
        ],
    )
    def test_with_an_error_is_refused_by_its_field(
        self, tmp_path: Path, changes: dict[str, Any], message: str
    ) -> None:
        path = self.write(tmp_path, WRITTEN | changes)
        with pytest.raises(ConfigurationError, match=rf"(?s)^corrections\.yaml: .*{message}"):
            load_corrections(path)

    def test_names_each_correction_once(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, WRITTEN, WRITTEN)
        with pytest.raises(ConfigurationError, match=r"found \['wrong-cell'\] twice"):
            load_corrections(path)

    def test_that_is_not_yaml_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "corrections.yaml"
        path.write_text("- name: [", encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"corrections\.yaml: while parsing"):
            load_corrections(path)


class TestTheTables:
    """The raw tables keep what was published, with the correction beside it."""

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
