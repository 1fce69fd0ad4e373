"""Intake: which candidates become releases, and the outcome of those that do not."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake import file_checks, intake
from orchestration.intake.fetch import fetch
from orchestration.intake.intake import Intake
from orchestration.readers import ParsedRelease, ReadError, read_release
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.review.review import review
from orchestration.settings import Limits, Settings
from orchestration.sources.candidate import Candidate
from tests.support.cbp_files import (
    BORDER_PATROL,
    BY_AREA,
    BY_STATE,
    SOUTHWEST,
    Made,
    candidate,
    made,
)
from tests.support.intake_outcomes import NAME, PAGE, accepted, refusal, take, tree
from tests.support.workbooks import detention_statistics

ICE = "ice_detention_statistics"


class TestAGoodFile:
    """A file that is what it claims to be."""

    def test_is_archived_with_a_complete_record(self, settings: Settings, good: Made) -> None:
        content = good.bytes() + b"\r\nSource: CBP\r\n"
        before = datetime.now(UTC)
        outcome = take(settings, content)
        assert (outcome.kind, outcome.reason) == ("archived", None)
        assert outcome.source == f"{SOUTHWEST}/2024-12/{NAME}"
        [release] = Archive(settings.archive).releases()
        assert release == outcome.release
        assert release.verdict == "accepted"
        assert release.file_name == NAME
        assert str(release.published) == "2024-12"
        assert before <= release.retrieved_at <= datetime.now(UTC)
        assert (release.rows, release.untyped_rows) == (len(good.rows), 0)
        assert (release.first_month, release.last_month) == (date(2022, 10, 1), date(2024, 11, 1))
        assert release.notes == ("Source: CBP",)
        assert release.size_bytes == len(content)

    def test_has_a_note_on_a_wrong_year_in_its_name_while_the_folder_counts(
        self, settings: Settings
    ) -> None:
        content = detention_statistics().bytes()
        name = "FY24_detentionStats12192023.xlsx"
        release = take(settings, content, "2024-12-19", name, ICE).release
        assert release is not None
        assert (release.verdict, str(release.published)) == ("accepted", "2024-12-19")
        note = (
            "the date 2023-12-19 in the file's name, expected a day after 2023-12-20, a year "
            "before the publication: not used"
        )
        assert note in release.notes
        redated = Intake(settings).redate(
            release, PublicationDate.parse("2024-10-19"), "listed in October", "analyst"
        )
        assert note not in redated.notes

    @pytest.mark.parametrize(
        ("first", "name", "promised"),
        [
            ("2022-10", "sbo-encounters-fy22-fy25-nov.csv", 2022),
            ("2022-11", "sbo-encounters-fy23-fy25-nov.csv", 2023),
            ("2022-10", "sbo-encounters-fy23-fy25-nov.csv", None),
            ("2022-10", "sbo-encounters-fy24-fy25-nov_0.csv", None),  # more than it promises
            ("2022-10", "sbo-encounters-fy99-fy25-nov.csv", None),
        ],
    )
    def test_has_a_note_if_it_begins_after_the_year_that_its_name_promises(
        self, settings: Settings, first: str, name: str, promised: int | None
    ) -> None:
        release = take(settings, made(first=first).bytes(), name=name).release
        assert release is not None
        assert release.verdict == "accepted"
        note = (
            f"found {first} (FY2023) as the first month, expected FY{promised} from its "
            "beginning, which the file's name promises: the months before are those of earlier "
            "releases"
        )
        assert release.notes == ((note,) if promised else ())

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
        outcome = take(settings, made(dataset).bytes(), dataset=dataset, name="a.csv")
        assert (outcome.kind, outcome.reason) == ("archived", None)

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
        outcome = take(settings, made(first=first, last=last).bytes(), published, name)
        assert (outcome.kind, outcome.reason) == ("archived", None)

    def test_may_spell_a_component_in_several_ways(self, settings: Settings, good: Made) -> None:
        """A component that changes its spelling is not missing from the other months."""
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


class TestTheSameBytes:
    """A release is identified by its bytes."""

    def test_taken_in_again_change_nothing(self, settings: Settings, good: Made) -> None:
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
    def test_under_another_name_or_date_change_nothing_and_are_reported(
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
        outcome = take(settings, good.bytes(), dataset=BY_STATE)
        assert outcome.kind == "refused"
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
        outcome = take(settings, good.bytes())
        assert (outcome.kind, outcome.reason) == ("archived", None)
        archive = Archive(settings.archive)
        assert archive.releases() == [outcome.release]
        assert take(settings, good.bytes()).kind == "duplicate"
        assert take(settings, good.bytes(), published, name).kind == "duplicate"
        other = replace(settings, home=tmp_path / "other")
        take(other, good.bytes())
        assert Archive(other.archive).digest() == archive.digest()


class TestANameThatSaysNothing:
    """A release is held for its name until the file has another one, or a person decides."""

    def test_is_replaced_once_the_file_is_renamed(self, settings: Settings, good: Made) -> None:
        first = take(settings, good.bytes(), name="download.csv")
        assert first.kind == "archived"
        archive = Archive(settings.archive)
        [held] = review(archive, corrections=[]).held(SOUTHWEST)
        assert "rename the file, or accept it" in str(held.reason)
        renamed = take(settings, good.bytes())
        assert (renamed.kind, renamed.release and renamed.release.file_name) == ("archived", NAME)
        [release] = [r for r in review(archive, corrections=[]).releases if r.dataset == SOUTHWEST]
        assert (release.verdict, release.file_name) == ("accepted", NAME)
        # a worse name later changes nothing
        assert take(settings, good.bytes(), name="download.csv").kind == "duplicate"
        assert archive.releases()[0].file_name == NAME


class TestAPublicationThatLayAhead:
    def test_is_judged_again_from_the_archive_once_its_day_has_come(
        self, settings: Settings, good: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(file_checks, "is_past", lambda _: False)
        assert take(settings, good.bytes()).kind == "refused"
        monkeypatch.undo()
        later = Intake(settings)
        later.refresh(load_catalogue().values())
        [release] = later.archive.releases()
        assert (release.verdict, release.reason) == ("accepted", None)
        assert release.rows > 0


class TestAForeignFolder:
    def test_in_the_archive_is_named_and_passed_over(self, settings: Settings, good: Made) -> None:
        take(settings, good.bytes())
        foreign = settings.archive / SOUTHWEST / "old backup"
        foreign.mkdir()
        outcomes = fetch(settings, [SOUTHWEST])
        [named] = [o for o in outcomes if o.kind == "skipped"]
        assert named.source == str(foreign)
        assert len(Archive(settings.archive).releases()) == 1


class TestBesideOtherReleases:
    """Intake checks each file by itself; `review` compares it with the others."""

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

    def test_the_order_of_intake_does_not_matter(self, tmp_path: Path) -> None:
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


class TestAnUnusableFile:
    """Skipped if it cannot be read at all, refused with the line if a reader rejects it."""

    def test_with_an_unknown_label_is_refused_with_its_line(
        self, settings: Settings, good: Made
    ) -> None:
        reason = refusal(settings, good.with_cell(9, "demographic", "Adults").bytes())
        assert reason.startswith("line 11: column 'Demographic': found 'Adults', expected one of ")

    def test_over_the_limit_is_skipped(self, settings: Settings, good: Made) -> None:
        tight = Settings(
            settings.home, settings.landing, offline=True, limits=Limits(release_bytes=1000)
        )
        outcome = take(tight, good.bytes())
        assert (outcome.kind, outcome.release) == ("skipped", None)
        assert outcome.reason == "found a file larger than 1,000 bytes"
        assert Archive(settings.archive).releases() == []

    def test_that_no_longer_exists_is_skipped(self, settings: Settings, landing: Path) -> None:
        gone = candidate(landing, b"x", "2024-12", NAME)
        gone.path.unlink()
        outcome = Intake(settings).take(gone)
        assert (outcome.kind, outcome.release) == ("skipped", None)
        assert "No such file" in str(outcome.reason)


class TestAnotherReader:
    """A release that another version of the reader has read is read again."""

    @pytest.fixture
    def reader(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, bool], None]:
        """Install a reader of another version, which takes files or refuses every one."""

        def strict(*_: object) -> ParsedRelease:
            raise ReadError("labels_are_known", "line 1: found nothing good, expected better")

        def change(version: str, takes: bool) -> None:
            monkeypatch.setattr(intake, "reader_version", lambda _: version)
            monkeypatch.setattr(intake, "read_release", read_release if takes else strict)

        return change

    @pytest.mark.parametrize("was_taken", [True, False])
    def test_can_reverse_the_verdict_and_keeps_the_bytes(
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
        [outcome] = fetch(settings, [SOUTHWEST])
        [new] = archive.releases()
        assert outcome.kind == "duplicate"
        assert outcome.release == new
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
    """The agencies' own files, where they are available."""

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
    def test_known_totals_are_found(
        self,
        real_archive: Archive,
        dataset: str,
        published: str,
        months: tuple[str, str],
        people: int,
    ) -> None:
        [release] = [r for r in accepted(real_archive, dataset) if str(r.published) == published]
        assert total(real_archive.rows_path(release), *months) == people

    @pytest.mark.parametrize(
        ("dataset", "orders"),
        [(SOUTHWEST, [[1, 0]]), (BY_STATE, [[2, 1, 0], [1, 0, 2]])],
    )
    def test_every_order_of_intake_gives_the_same_archive(
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
            new_intake = Intake(settings)
            for at in order:
                new_intake.take(candidate_of(sources[at], real_releases))
            found = Archive(settings.archive).releases()
            assert [r.model_dump(exclude={"retrieved_at"}) for r in found] == expected

    @pytest.mark.parametrize("habit", ["lf", "bom", "header", "order", "count", "case", "uac"])
    def test_another_habit_of_the_publisher_changes_no_figure(
        self, settings: Settings, real_releases: Path, habit: str
    ) -> None:
        source = real_releases / SOUTHWEST / "2024-12" / "sbo-encounters-fy22-fy25-nov.csv"
        outcome = take(settings, HABITS[habit](source.read_text()), name=source.name)
        assert (outcome.kind, outcome.reason) == ("archived", None)
        assert outcome.release is not None
        assert outcome.release.untyped_rows == 0
        rows = Archive(settings.archive).rows_path(outcome.release)
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
    """Return the people in a release's rows, from one month to another."""
    wanted = pl.col("month_start").is_between(pl.lit(f"{first}-01"), pl.lit(f"{last}-01"))
    counts: Iterable[str] = pl.read_parquet(rows).filter(wanted)["encounters"]
    return sum(int(text.strip().partition(".")[0].replace(",", "")) for text in counts)
