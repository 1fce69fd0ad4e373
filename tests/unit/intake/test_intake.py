"""Intake: which offered files become releases, and what is told of those that do not."""

import itertools
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.intake import intake
from orchestration.intake.fetch import fetch
from orchestration.intake.intake import Intake
from orchestration.intake.outcome import IntakeOutcome
from orchestration.readers import ParsedRelease, ReadError, read_release
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.publication import PublicationDate
from orchestration.settings import BUNDLED, Limits, Settings
from orchestration.sources.candidate import Candidate
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    FIELD_OPERATIONS,
    SOUTHWEST,
    Made,
    candidate,
    citizenships,
    made,
)

NAME = "sbo-encounters-fy23-fy25-nov.csv"
PAGE = b"<!DOCTYPE html><html><body>Access denied</body></html>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    limits = Limits(settle_seconds=0.0)  # nobody is writing any more
    return Settings(tmp_path / "home", (tmp_path / "landing",), True, limits)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    (tmp_path / "landing").mkdir()
    return tmp_path / "landing"


@pytest.fixture(scope="module")
def good() -> Made:
    """October 2022 to November 2024."""
    return made()


def take(
    settings: Settings,
    content: bytes,
    published: str = "2024-12",
    name: str = NAME,
    dataset: str = SOUTHWEST,
) -> IntakeOutcome:
    """Lay a file down and have a new intake take it."""
    return Intake(settings).take(candidate(settings.landing[0], content, published, name, dataset))


def refusal(
    settings: Settings, content: bytes, published: str = "2024-12", name: str = NAME
) -> str:
    """Why a file is refused; it is kept byte for byte, without rows."""
    arrival = take(settings, content, published, name)
    assert arrival.kind == "refused"
    assert arrival.release is not None
    assert arrival.release.verdict == "refused"
    archive = Archive(settings.archive)
    assert archive.bytes_of(arrival.release) == content
    assert not list(archive.folder_of(arrival.release).glob("*.parquet"))
    assert arrival.reason == arrival.release.reason
    assert arrival.reason is not None
    assert arrival.reason.startswith(f"{name}: ")
    return arrival.reason.removeprefix(f"{name}: ")


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder, with its bytes and the time of its last change."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


class TestAGoodFile:
    """A file that is what it claims to be."""

    def test_is_archived_with_all_that_is_known_of_it(self, settings: Settings, good: Made) -> None:
        content = good.bytes() + b"\r\nSource: CBP\r\n"
        before = datetime.now(UTC)
        arrival = take(settings, content)
        assert (arrival.kind, arrival.reason) == ("archived", None)
        assert arrival.source == f"{SOUTHWEST}/2024-12/{NAME}"
        [release] = Archive(settings.archive).releases()
        assert release == arrival.release
        assert release.verdict == "accepted"
        assert release.file_name == NAME
        assert str(release.published) == "2024-12"
        assert before <= release.retrieved_at <= datetime.now(UTC)
        assert (release.rows, release.untyped_rows) == (len(good.rows), 0)
        assert (release.first_month, release.last_month) == (date(2022, 10, 1), date(2024, 11, 1))
        assert release.notes == ("Source: CBP",)
        assert release.size_bytes == len(content)

    def test_keeps_every_cell_as_published_under_its_release(
        self, settings: Settings, good: Made
    ) -> None:
        release = take(settings, good.bytes()).release
        assert release is not None
        rows = pl.read_parquet(Archive(settings.archive).rows_path(release))
        assert rows.columns[:2] == ["release_id", "row_number"]
        assert set(rows["release_id"]) == {release.release_id}
        for name in good.columns:
            assert rows[name].to_list() == good.column(name)
            assert rows.schema[name] == pl.String

    @pytest.mark.parametrize("dataset", [BY_AREA, BY_STATE])
    def test_may_be_of_another_cut(self, settings: Settings, dataset: str) -> None:
        arrival = take(settings, made(dataset).bytes(), dataset=dataset, name="a.csv")
        assert (arrival.kind, arrival.reason) == ("archived", None)

    @pytest.mark.parametrize(
        ("first", "last", "published", "name"),
        [
            ("2019-10", "2023-09", "2023-10", "sbo-encounters-fy20-fy23.csv"),
            ("2019-10", "2023-09", "2023-11", "sbo-encounters-fy20-fy23_0.csv"),
            ("2021-10", "2024-10", "2024-11", "sbo-encounters-fy22-fy25-oct.csv"),
            ("2021-10", "2025-08", "2025-09-17", "sbo-encounters-fy22-fy25-aug.csv"),
            ("2021-10", "2025-01", "2025-02", "sbo-encounters-fy22-fy25-jan_1.csv"),
            ("2021-10", "2024-12", "2025-01", "SBO-ENCOUNTERS-FY22-FY25-DEC.CSV"),
            ("2023-10", "2024-09", "2024-10", "encounters of one year.csv"),
            ("2024-10", "2024-10", "2024-10-31", "one month.csv"),
        ],
    )
    def test_covers_whatever_years_its_name_says(
        self, settings: Settings, first: str, last: str, published: str, name: str
    ) -> None:
        arrival = take(settings, made(first=first, last=last).bytes(), published, name)
        assert (arrival.kind, arrival.reason) == ("archived", None)

    def test_may_spell_a_component_in_several_ways(self, settings: Settings, good: Made) -> None:
        """A component that changes its spelling has not fallen out of the other months."""
        spellings = itertools.cycle(["U.S. BORDER PATROL", "usbp", f"{BORDER_PATROL} "])
        varied = good.with_cells(
            "component", lambda _, text: next(spellings) if text == BORDER_PATROL else text
        )
        assert take(settings, varied.bytes()).kind == "archived"

    def test_may_rename_a_demographic_from_one_year_on(
        self, settings: Settings, good: Made
    ) -> None:
        years = good.column("fiscal_year")
        renamed = good.with_cells(
            "demographic",
            lambda i, text: "UAC" if text.startswith("UC") and "2025" in years[i] else text,
        )
        assert take(settings, renamed.bytes()).kind == "archived"


class TestRowsThatCannotBeTyped:
    """At most 0.5 % of the rows may be kept aside."""

    @pytest.fixture(scope="class")
    def wide(self) -> Made:
        """400 rows: two may be kept aside, three may not."""
        return made(first="2023-12", last="2024-09", people=citizenships(20))

    @pytest.mark.parametrize("count", ["X", "", "-5", "12.5", "1 234", "60,78"])
    def test_a_few_are_kept_aside_with_their_reason_and_counted(
        self, settings: Settings, wide: Made, count: str
    ) -> None:
        holed = wide.with_cell(7, "encounters", count).with_cell(300, "encounters", count)
        arrival = take(settings, holed.bytes(), name="a.csv")
        assert arrival.kind == "archived"
        assert arrival.release is not None
        assert (arrival.release.rows, arrival.release.untyped_rows) == (398, 2)
        rows = pl.read_parquet(Archive(settings.archive).rows_path(arrival.release))
        aside = rows.filter(pl.col("problem").is_not_null())
        assert aside["row_number"].to_list() == [9, 302]
        assert aside["encounters"].to_list() == [count, count]
        assert (
            aside["problem"].to_list()
            == [f"column 'Encounter Count': found '{count}', expected a whole number, zero or more"]
            * 2
        )

    def test_more_refuse_the_release(self, settings: Settings, wide: Made) -> None:
        holed = wide.with_cells("encounters", lambda i, text: "X" if i in (5, 50, 200) else text)
        assert refusal(settings, holed.bytes(), name="a.csv") == (
            "line 7: column 'Encounter Count': found 'X', expected a whole number, zero or more; "
            "3 of 400 rows cannot be typed, expected at most 0.5%"
        )

    def test_all_of_them_refuse_the_release(self, settings: Settings, wide: Made) -> None:
        holed = wide.with_cells("encounters", lambda *_: "n/a")
        assert "400 of 400 rows cannot be typed" in refusal(settings, holed.bytes(), name="a.csv")

    def test_one_that_was_a_months_only_one_leaves_a_gap(self, settings: Settings) -> None:
        wide = made(first="2023-12", last="2024-09", people=citizenships(40))
        lone = wide.keeping(
            lambda row: row["month_name"] != "MAY" or row["citizenship"] == "COUNTRY 000"
        )
        at = [i for i, row in enumerate(lone.rows) if "MAY" in row and BORDER_PATROL in row]
        holed = lone.with_cell(at[0], "encounters", "X")
        assert refusal(settings, holed.bytes(), name="a.csv") == (
            "found no row for 2024-05 for U.S. Border Patrol, expected every month from 2023-12 "
            "to 2024-09"
        )


class TestTheSameBytes:
    """A release is known by its bytes."""

    def test_offered_again_change_nothing(self, settings: Settings, good: Made) -> None:
        first = take(settings, good.bytes())
        before = tree(settings.archive)
        again = take(settings, good.bytes())
        assert (again.kind, again.reason) == ("duplicate", None)
        assert again.release == first.release
        assert tree(settings.archive) == before

    @pytest.mark.parametrize(
        ("published", "name"),
        [
            ("2024-12", "sbo-encounters-fy23-fy25-nov_0.csv"),
            ("2025-01", NAME),
            ("2024-12-16", NAME),
            ("2023-01", "sbo-encounters-fy20-fy23-dec.csv"),
            ("2024-12", "page.html"),
        ],
    )
    def test_under_another_name_or_date_change_nothing_and_are_told(
        self, settings: Settings, good: Made, published: str, name: str
    ) -> None:
        first = take(settings, good.bytes())
        assert first.release is not None
        before = tree(settings.archive)
        again = take(settings, good.bytes(), published, name)
        assert again.kind == "duplicate"
        assert again.release == first.release
        assert again.reason == (
            f"{name}: found the same bytes as release {first.release.release_id} "
            f"({SOUTHWEST}, {NAME}, published 2024-12)"
        )
        assert tree(settings.archive) == before

    def test_of_a_refused_file_stay_refused_under_any_name(self, settings: Settings) -> None:
        reason = take(settings, PAGE).reason
        before = tree(settings.archive)
        assert take(settings, PAGE).kind == "duplicate"
        assert take(settings, PAGE).reason == reason
        assert take(settings, PAGE, "2024-11", "another.csv").kind == "duplicate"
        assert tree(settings.archive) == before

    def test_in_two_datasets_are_two_releases(self, settings: Settings, good: Made) -> None:
        take(settings, good.bytes())
        arrival = take(settings, good.bytes(), dataset=BY_STATE)
        assert arrival.kind == "refused"
        assert len(Archive(settings.archive).releases()) == 2

    @pytest.mark.parametrize(
        ("published", "name"),
        [
            ("2023-01", "sbo-encounters-fy23-fy25-nov.csv"),
            ("2031-01", "sbo-encounters-fy23-fy25-nov.csv"),
            ("2024-12", "sbo-encounters-fy23-fy25-oct.csv"),
            ("2024-12", "sbo-encounters-fy23-fy24.csv"),
        ],
    )
    def test_refused_for_a_wrong_claim_are_accepted_under_the_right_one(
        self, settings: Settings, tmp_path: Path, good: Made, published: str, name: str
    ) -> None:
        refusal(settings, good.bytes(), published, name)
        arrival = take(settings, good.bytes())
        assert (arrival.kind, arrival.reason) == ("archived", None)
        archive = Archive(settings.archive)
        assert archive.releases() == [arrival.release]
        assert take(settings, good.bytes()).kind == "duplicate"
        assert take(settings, good.bytes(), published, name).kind == "duplicate"
        other = replace(settings, home=tmp_path / "other")
        take(other, good.bytes())
        assert Archive(other.archive).digest() == archive.digest()


class TestBesideOtherReleases:
    """What one file is, is judged without the others; what it revised, in `vintages`."""

    @pytest.fixture
    def before(self, settings: Settings) -> None:
        """104 rows, published in December 2024."""
        assert take(settings, made().bytes()).kind == "archived"

    @pytest.mark.usefixtures("before")
    def test_a_file_with_few_rows_is_archived(self, settings: Settings) -> None:
        short = made(first="2025-01", last="2025-01")
        assert take(settings, short.bytes(), "2025-02", "a.csv").kind == "archived"

    @pytest.mark.usefixtures("before")
    def test_a_file_that_lacks_a_component_is_archived(self, settings: Settings) -> None:
        one = made(last="2025-01").keeping(lambda row: row["component"] != BORDER_PATROL)
        assert take(settings, one.bytes(), "2025-02", "a.csv").kind == "archived"

    def test_well_formed_releases_may_arrive_in_any_order(self, tmp_path: Path) -> None:
        files = [
            ("2022-10", "sbo-encounters-fy19-fy22.csv", made(first="2018-10", last="2022-09")),
            ("2023-10", "sbo-encounters-fy20-fy23.csv", made(first="2019-10", last="2023-09")),
            ("2024-12", "sbo-encounters-fy22-fy25-nov.csv", made(first="2021-10", last="2024-11")),
        ]
        digests = set()
        for i, order in enumerate(itertools.permutations(files)):
            settings = Settings(tmp_path / str(i), (tmp_path / "landing",), offline=True)
            for published, name, release in order:
                assert take(settings, release.bytes(), published, name).kind == "archived"
            digests.add(Archive(settings.archive).digest())
        assert len(digests) == 1


def without(**labels: str) -> Callable[[dict[str, str]], bool]:
    return lambda row: any(row[name] != label for name, label in labels.items())


GAPS = [
    (
        without(month_name="MAY", fiscal_year="2023"),
        "found no row for 2023-05, expected every month from 2022-10 to 2024-11",
    ),
    (
        without(month_name="MAY", fiscal_year="2023", component=BORDER_PATROL),
        "found no row for 2023-05 for U.S. Border Patrol, expected every month from 2022-10 to "
        "2024-11",
    ),
    (
        without(month_name="NOV", fiscal_year="2025 (FYTD)", component=FIELD_OPERATIONS),
        "found no row for 2024-11 for Office of Field Operations, expected every month from "
        "2022-10 to 2024-11",
    ),
    (
        without(month_name="OCT", fiscal_year="2023", component=FIELD_OPERATIONS),
        "found no row for 2022-10 for Office of Field Operations, expected every month from "
        "2022-10 to 2024-11",
    ),
]


class TestAFileThatIsNotWhatItClaims:
    """Refused as a whole, with a reason that says what and where."""

    @pytest.mark.parametrize(("kept", "reason"), GAPS)
    def test_a_month_that_is_missing_is_named(
        self,
        settings: Settings,
        good: Made,
        kept: Callable[[dict[str, str]], bool],
        reason: str,
    ) -> None:
        assert refusal(settings, good.keeping(kept).bytes()) == reason

    def test_a_region_that_is_missing_in_a_month_is_named(self, settings: Settings) -> None:
        holed = made(BY_STATE).keeping(
            without(month_name="MAY", fiscal_year="2023", land_border_region="Northern Land Border")
        )
        reason = take(settings, holed.bytes(), name="a.csv", dataset=BY_STATE).reason
        assert reason == (
            "a.csv: found no row for 2023-05 for Northern Land Border, expected every month from "
            "2022-10 to 2024-11"
        )

    @pytest.mark.parametrize(
        ("column", "text", "shown"),
        [
            ("encounters", "99", "single adults"),
            ("citizenship", "MEXICO ", "mexico"),
            ("component", "OFO", "Office of Field Operations"),
            ("month_name", "october", "2022-10-01"),
            ("fiscal_year", "FY2023 (FYTD)", "2022-10-01"),
            ("month_grouping", "Remaining", "2022-10-01"),
        ],
    )
    def test_a_cell_that_stands_twice_is_named_however_it_is_spelled(
        self, settings: Settings, good: Made, column: str, text: str, shown: str
    ) -> None:
        doubled = Made(good.columns, good.header, (*good.rows, good.rows[0]))
        reason = refusal(settings, doubled.with_cell(len(good.rows), column, text).bytes())
        assert reason.startswith("lines 2 and 106: found the same cell twice (2022-10-01, ")
        assert reason.endswith("expected each once; 2 rows are affected")
        assert shown.lower() in reason.lower()

    def test_a_renamed_demographic_does_not_stand_beside_its_old_name(
        self, settings: Settings, good: Made
    ) -> None:
        doubled = Made(good.columns, good.header, (*good.rows, good.rows[1]))
        reason = refusal(settings, doubled.with_cell(len(good.rows), "demographic", "UAC").bytes())
        assert reason.startswith("lines 3 and 106: found the same cell twice (")

    @pytest.mark.parametrize("published", ["2024-10", "2024-10-31", "2022-12"])
    def test_figures_later_than_the_publication_are_named(
        self, settings: Settings, good: Made, published: str
    ) -> None:
        assert refusal(settings, good.bytes(), published) == (
            f"found figures for 2024-11, expected none after the publication in {published}"
        )

    def test_a_publication_in_the_future_is_named(self, settings: Settings, good: Made) -> None:
        tomorrow = datetime.now(UTC).date() + timedelta(days=2)
        reason = refusal(settings, good.bytes(), tomorrow.isoformat())
        assert reason.startswith(f"found the publication date {tomorrow}, expected one not after ")

    def test_a_publication_this_month_is_not_in_the_future(
        self, settings: Settings, good: Made
    ) -> None:
        month = f"{datetime.now(UTC):%Y-%m}"
        assert take(settings, good.bytes(), month).kind == "archived"

    @pytest.mark.parametrize(
        ("name", "promised"),
        [
            ("sbo-encounters-fy23-fy25-oct.csv", "month 10 of FY2025"),
            ("sbo-encounters-fy23-fy25-dec.csv", "month 12 of FY2025"),
            ("sbo-encounters-fy22-fy24-nov.csv", "month 11 of FY2024"),
            ("sbo-encounters-fy21-fy24.csv", "FY2024"),
        ],
    )
    def test_a_name_that_promises_another_month_is_refused(
        self, settings: Settings, good: Made, name: str, promised: str
    ) -> None:
        assert refusal(settings, good.bytes(), name=name) == (
            f"found 2024-11 (FY2025) as the last month, expected {promised}, which the file's "
            "name promises"
        )

    def test_an_unknown_label_is_refused_with_its_line(
        self, settings: Settings, good: Made
    ) -> None:
        reason = refusal(settings, good.with_cell(9, "demographic", "Adults").bytes())
        assert reason.startswith("line 11: column 'Demographic': found 'Adults', expected one of ")

    def test_a_file_over_the_limit_is_not_taken_in(self, settings: Settings, good: Made) -> None:
        tight = Settings(
            settings.home, settings.landing, offline=True, limits=Limits(release_bytes=1000)
        )
        arrival = take(tight, good.bytes())
        assert (arrival.kind, arrival.release) == ("skipped", None)
        assert arrival.reason == "found a file larger than 1,000 bytes"
        assert Archive(settings.archive).releases() == []

    def test_a_file_that_is_gone_by_now_is_told(self, settings: Settings, landing: Path) -> None:
        offered = candidate(landing, b"x", "2024-12", NAME)
        offered.path.unlink()
        arrival = Intake(settings).take(offered)
        assert (arrival.kind, arrival.release) == ("skipped", None)
        assert "No such file" in str(arrival.reason)


class TestLook:
    """One look at the bundle and the landing folders."""

    def test_takes_in_the_bundle_and_the_landing_folders(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        candidate(landing, good.bytes(), "2024-12", NAME)
        arrivals = fetch(settings)
        assert {arrival.kind for arrival in arrivals} == {"archived"}
        assert len(arrivals) == len(list(BUNDLED.glob("*/*/*.csv"))) + 1
        assert all(r.untyped_rows == 0 for r in Archive(settings.archive).releases())
        before = tree(settings.archive)
        assert {arrival.kind for arrival in fetch(settings)} == {"duplicate"}
        assert tree(settings.archive) == before

    def test_looks_for_one_dataset_only(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        candidate(landing, good.bytes(), "2024-12", NAME)
        candidate(landing, made(BY_STATE).bytes(), "2024-12", "a.csv", BY_STATE)
        assert [arrival.dataset for arrival in fetch(settings, [BY_STATE])] == [BY_STATE]

    def test_five_bad_files_are_told_and_the_good_one_is_in(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        content = good.bytes()
        files = {
            "a-good.csv": content,
            "b-renamed.csv": content,
            "c-page.csv": PAGE,
            "d-column.csv": good.with_header("encounter_type", "Kind of Encounter").bytes(),
            "e-cut.csv": content[: content.rindex(b"Apprehensions")],
            "f-empty.csv": b"",
        }
        for name, file in files.items():
            candidate(landing, file, "2024-12", name)
        arrivals = fetch(settings, [SOUTHWEST])
        told = {a.source.rpartition("/")[2]: (a.kind, a.reason) for a in arrivals}
        [release] = Archive(settings.archive).accepted(SOUTHWEST)
        assert told["a-good.csv"] == ("archived", None)
        assert told["b-renamed.csv"] == (
            "duplicate",
            f"b-renamed.csv: found the same bytes as release {release.describe()}",
        )
        assert told["c-page.csv"] == (
            "refused",
            "c-page.csv: line 1: found an HTML or XML page, expected comma-separated text",
        )
        outcome, reason = told["d-column.csv"]
        assert outcome == "refused"
        assert str(reason).startswith(
            "d-column.csv: line 1: found the unknown column 'Kind of Encounter'; found no column "
            "'Encounter Type'; expected the columns 'Fiscal Year', "
        )
        outcome, reason = told["e-cut.csv"]
        assert outcome == "refused"
        assert str(reason).startswith("e-cut.csv: line 105: found ")
        assert str(reason).endswith("expected 9; the file seems cut off there")
        assert told["f-empty.csv"] == (
            "refused",
            "f-empty.csv: line 1: found an empty file, expected a header and rows",
        )
        assert len({reason for _, reason in told.values()}) == len(files)
        quarantined = [r for r in Archive(settings.archive).releases() if r.verdict == "refused"]
        assert len(quarantined) == 4
        before = tree(settings.archive)
        again = [a.kind for a in fetch(settings, [SOUTHWEST])]
        assert again == ["duplicate"] * 6
        assert tree(settings.archive) == before

    def test_what_lies_in_the_wrong_place_is_told_by_its_path(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        offered = candidate(landing, good.bytes(), "2024-12", NAME)
        (landing / SOUTHWEST / "december").mkdir()
        (landing / SOUTHWEST / "2024-12" / "link.csv").symlink_to(offered.path)
        (landing / "cbp_northern_encounters").mkdir()
        told = {a.source: (a.kind, a.dataset) for a in fetch(settings) if a.release is None}
        assert told == {
            f"{SOUTHWEST}/december": ("skipped", None),
            f"{SOUTHWEST}/2024-12/link.csv": ("skipped", None),
            "cbp_northern_encounters": ("skipped", None),
        }
        assert [r.file_name for r in Archive(settings.archive).accepted(SOUTHWEST)] == [NAME]

    def test_a_landing_folder_that_is_not_there_is_told(self, settings: Settings) -> None:
        [arrival] = [a for a in fetch(settings) if a.kind != "archived"]
        assert arrival.kind == "skipped"
        assert arrival.source == str(settings.landing[0])

    def test_a_name_that_is_not_utf8_can_be_told(self, settings: Settings, landing: Path) -> None:
        try:
            candidate(landing, b"x", "2024-12", os.fsdecode(b"a\xff.csv"))
        except OSError:
            pytest.skip("this file system takes no such name")
        [arrival] = [a for a in fetch(settings) if a.kind != "archived"]
        assert arrival.source.encode() == rf"{SOUTHWEST}/2024-12/a\xff.csv".encode()
        assert str(arrival.reason).encode()

    def test_an_archive_that_was_tampered_with_stops_the_look(
        self, settings: Settings, good: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release = take(settings, good.bytes()).release
        assert release is not None
        archive = Archive(settings.archive)
        (archive.folder_of(release) / release.bytes_name).write_bytes(PAGE)
        monkeypatch.setattr(intake, "reader_version", lambda _: "another")
        with pytest.raises(ArchiveError, match="found sha256"):
            fetch(settings)


class TestAnotherReader:
    """A release that another version of the reader has read is read again."""

    @pytest.fixture
    def reader(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bool], None]:
        """Put a reader of a version in place, which takes files or refuses every one."""

        def strict(*_: object) -> ParsedRelease:
            raise ReadError("labels_are_known", "line 1: found nothing good, expected better")

        def change(version: str, takes: bool) -> None:
            monkeypatch.setattr(intake, "reader_version", lambda _: version)
            monkeypatch.setattr(intake, "read_release", read_release if takes else strict)

        return change

    @pytest.mark.parametrize("was_taken", [True, False])
    def test_can_turn_the_verdict_and_keeps_the_bytes(
        self,
        settings: Settings,
        landing: Path,
        tmp_path: Path,
        good: Made,
        reader: Callable[[str, bool], None],
        was_taken: bool,
    ) -> None:
        verdicts = {True: "accepted", False: "refused"}
        archive = Archive(settings.archive)
        candidate(landing, good.bytes(), "2024-12", NAME)
        reader("v1", was_taken)
        fetch(settings, [SOUTHWEST])
        [old] = archive.releases()
        assert old.verdict == verdicts[was_taken]
        reader("v2", not was_taken)
        [arrival] = fetch(settings, [SOUTHWEST])
        [new] = archive.releases()
        assert arrival.kind == "duplicate"
        assert arrival.release == new
        assert new.verdict == verdicts[not was_taken]
        assert new.reader_version != old.reader_version
        assert archive.rows_path(new).exists() is not was_taken
        assert archive.bytes_of(new) == good.bytes()
        assert new.retrieved_at == old.retrieved_at
        fresh = replace(settings, home=tmp_path / "fresh")
        fetch(fresh, [SOUTHWEST])
        assert Archive(fresh.archive).digest() == archive.digest()

    def test_of_the_same_version_reads_nothing_again(
        self, settings: Settings, good: Made, reader: Callable[[str, bool], None]
    ) -> None:
        reader("v1", True)
        take(settings, good.bytes())
        before = tree(settings.archive)
        reader("v1", False)
        fetch(settings, [SOUTHWEST])
        assert tree(settings.archive) == before

    def test_of_one_dataset_leaves_the_others(
        self, settings: Settings, good: Made, reader: Callable[[str, bool], None]
    ) -> None:
        reader("v1", True)
        take(settings, good.bytes())
        take(settings, made(BY_STATE).bytes(), name="a.csv", dataset=BY_STATE)
        before = {r.dataset: r.reader_version for r in Archive(settings.archive).releases()}
        reader("v2", True)
        fetch(settings, [BY_STATE])
        versions = {r.dataset: r.reader_version for r in Archive(settings.archive).releases()}
        assert versions[SOUTHWEST] == before[SOUTHWEST]
        assert versions[BY_STATE] != before[BY_STATE]


class TestAnInterruption:
    """A run that dies while it stores a release."""

    def test_leaves_no_half_release_and_the_next_run_takes_it_in(
        self, settings: Settings, good: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(pl.DataFrame, "write_parquet", killed)
            with pytest.raises(KeyboardInterrupt):
                take(settings, good.bytes())
        assert tree(settings.archive) == {}
        assert take(settings, good.bytes()).kind == "archived"


class TestTheRealReleases:
    """The agencies' own files, where they are at hand."""

    def test_every_file_is_accepted_with_every_row(
        self, real_archive: Archive, real_releases: Path
    ) -> None:
        files = list(real_releases.glob("cbp_*_encounters*/*/*.csv"))
        releases = [
            r for r in real_archive.releases() if r.dataset in (SOUTHWEST, BY_AREA, BY_STATE)
        ]
        assert {r.source for r in releases} == {
            f.relative_to(real_releases).as_posix() for f in files
        }
        assert [(r.source, r.reason) for r in releases if r.verdict != "accepted"] == []
        assert [r.source for r in releases if r.untyped_rows or r.notes] == []

    @pytest.mark.parametrize(
        ("dataset", "published", "months", "people"),
        [
            (SOUTHWEST, "2022-10", ("2018-10", "2019-09"), 977_509),
            (SOUTHWEST, "2022-10", ("2019-05", "2019-05"), 144_116),
            (SOUTHWEST, "2022-10", ("2021-10", "2022-09"), 2_378_944),
            (SOUTHWEST, "2024-12", ("2023-10", "2024-09"), 2_135_005),
            (BY_STATE, "2023-11-14", ("2023-10", "2023-10"), 309_221),
            (BY_STATE, "2023-12", ("2023-10", "2023-10"), 309_137),
            (BY_AREA, "2024-10", ("2023-10", "2024-09"), 2_901_142),
        ],
    )
    def test_known_totals_come_out(
        self,
        real_archive: Archive,
        dataset: str,
        published: str,
        months: tuple[str, str],
        people: int,
    ) -> None:
        [release] = [r for r in real_archive.accepted(dataset) if str(r.published) == published]
        assert total(real_archive.rows_path(release), *months) == people

    @pytest.mark.parametrize(
        ("dataset", "orders"),
        [(SOUTHWEST, [[1, 0]]), (BY_STATE, [[2, 1, 0], [1, 0, 2]])],
    )
    def test_every_order_of_arrival_gives_the_same_archive(
        self,
        tmp_path: Path,
        real_releases: Path,
        real_archive: Archive,
        dataset: str,
        orders: list[list[int]],
    ) -> None:
        released = [r.model_dump(exclude={"retrieved_at"}) for r in real_archive.releases()]
        expected = [record for record in released if record["dataset"] == dataset]
        sources = [real_releases / record["source"] for record in expected]
        for i, order in enumerate(orders):
            settings = Settings(tmp_path / str(i), offline=True)
            arriving = Intake(settings)
            for at in order:
                arriving.take(candidate_of(sources[at], real_releases))
            found = Archive(settings.archive).releases()
            assert [r.model_dump(exclude={"retrieved_at"}) for r in found] == expected

    @pytest.mark.parametrize("habit", ["lf", "bom", "header", "order", "count", "case", "uac"])
    def test_another_habit_of_the_publisher_changes_no_figure(
        self, settings: Settings, real_releases: Path, habit: str
    ) -> None:
        source = real_releases / SOUTHWEST / "2024-12" / "sbo-encounters-fy22-fy25-nov.csv"
        arrival = take(settings, HABITS[habit](source.read_text()), name=source.name)
        assert (arrival.kind, arrival.reason) == ("archived", None)
        assert arrival.release is not None
        assert arrival.release.untyped_rows == 0
        rows = Archive(settings.archive).rows_path(arrival.release)
        assert total(rows, "2023-10", "2024-09") == 2_135_005

    @pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
    def test_a_file_cut_off_is_refused(
        self, settings: Settings, real_releases: Path, share: float
    ) -> None:
        content = (
            real_releases / SOUTHWEST / "2022-10" / "sbo-encounters-fy19-fy22.csv"
        ).read_bytes()
        cut = content[: content.index(b",", int(len(content) * share))]
        reason = refusal(settings, cut, "2022-10", "sbo-encounters-fy19-fy22.csv")
        assert reason.endswith("the file seems cut off there")


def reordered(text: str) -> bytes:
    rows = [line.split(",") for line in text.splitlines()]
    assert {len(row) for row in rows} == {9}
    return "\n".join(",".join(reversed(row)) for row in rows).encode()


def counted(text: str) -> bytes:
    head, *lines = text.splitlines()
    parts = [line.rpartition(",") for line in lines]
    return "\r\n".join([head, *(f'{row},"{int(n):,}"  ' for row, _, n in parts), ""]).encode()


HABITS: dict[str, Callable[[str], bytes]] = {
    "lf": lambda text: text.encode(),
    "bom": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "header": lambda text: (
        text.replace("Month (abbv)", "Month abbv")
        .replace("Citizenship Grouping", "Citizenship")
        .encode()
    ),
    "order": reordered,
    "count": counted,
    "case": lambda text: text.replace("Mexico", "MEXICO").replace("Other", "OTHER").encode(),
    "uac": lambda text: text.replace("UC / Single Minors", "UAC").encode(),
}


def candidate_of(path: Path, landing: Path) -> Candidate:
    dataset, published, name = path.relative_to(landing).parts
    source = path.relative_to(landing).as_posix()
    return Candidate(path, dataset, PublicationDate.parse(published), name, source)


def total(rows: Path, first: str, last: str) -> int:
    """The people in a release's rows, from one month to another."""
    wanted = pl.col("month_start").is_between(pl.lit(f"{first}-01"), pl.lit(f"{last}-01"))
    counts: Iterable[str] = pl.read_parquet(rows).filter(wanted)["encounters"]
    return sum(int(text.strip().partition(".")[0].replace(",", "")) for text in counts)
