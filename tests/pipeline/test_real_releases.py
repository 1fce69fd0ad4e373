"""Every real release at once: what is taken in, what is not and why, and ICE's removals beside
a second reading of the workbooks with openpyxl."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from orchestration.catalogue.dataset import Dataset
from orchestration.intake.intake import Intake
from orchestration.readers import ParsedRelease, read_release
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.releases.release import Release
from orchestration.review.review import review
from orchestration.settings import Limits, Settings
from orchestration.sources.candidate import Candidate
from tests.conftest import MORE_RELEASES
from tests.support.second_reading import book_of

ICE = "ice_detention_statistics"
NOT_ACCEPTED = {
    "FY21_detentionStats10282021.xlsx": ("refused", "FY2020", "FY2021"),
    "FY24_detentionStats11152024.xlsx": ("held", "FY2025", "FY2024"),
}
REMOVALS_TITLE = re.compile(r"ICE Removals: (EO)?FY(\d{4})( YTD)?")


@pytest.fixture(scope="module")
def workbooks(real_releases: Path) -> dict[str, Path]:
    """Each of ICE's workbooks by its path below a landing folder."""
    if not MORE_RELEASES.is_dir():
        pytest.skip("needs ../shared/more_releases, the agencies' own files, which are not here")
    return {
        str(path.relative_to(folder)): path
        for folder in (real_releases, MORE_RELEASES)
        for path in (folder / ICE).glob("*/*.xlsx")
    }


@pytest.fixture(scope="module")
def archive(every_release_home: Path) -> Archive:
    """Of every real file."""
    return Archive(Settings(every_release_home).archive)


def second_reading(path: Path) -> dict[int, int]:
    """ICE's removals by fiscal year, found by openpyxl: the number to the right of `Total`,
    below the title."""
    found: dict[int, int] = {}
    for sheet in book_of(path):
        cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
        for title in cells:
            if year := REMOVALS_TITLE.match(title.value):
                [total] = (
                    cell
                    for cell in cells
                    if cell.column == title.column
                    and title.row < cell.row <= title.row + 3
                    and cell.value.strip() == "Total"
                )
                row = next(sheet.iter_rows(total.row, total.row, total.column + 1))
                number = next(cell.value for cell in row if isinstance(cell.value, int))
                found.setdefault(int(year[2]), number)
    return found


def test_every_real_release_is_accepted_but_for_two_with_a_reason(archive: Archive) -> None:
    reviewed = review(archive)
    left_out = {r.file_name: r for r in reviewed.releases if r.verdict != "accepted"}
    assert set(left_out) == set(NOT_ACCEPTED)
    for name, (verdict, found, expected) in NOT_ACCEPTED.items():
        assert left_out[name].verdict == verdict
        assert re.search(f"found .*{found}.*expected {expected}", left_out[name].reason or "")


def test_each_workbook_of_ice_has_the_removals_of_a_second_reading(
    archive: Archive, workbooks: dict[str, Path]
) -> None:
    read = 0
    for release in review(archive).accepted(ICE):
        path = workbooks[release.source]
        assert removals(archive, release) == second_reading(path), release.file_name
        read += 1
    assert read == 15


def test_removals_of_one_fiscal_year_never_fall(archive: Archive) -> None:
    reviewed = review(archive)
    by_year: dict[int, list[int]] = {}
    for release in reviewed.accepted(ICE):
        for year, people in removals(archive, release).items():
            by_year.setdefault(year, []).append(people)
    assert len(by_year) >= 6
    for year, figures in by_year.items():
        assert figures == sorted(figures), f"FY{year}"


def test_the_end_of_the_data_is_unknown_where_only_an_old_footnote_is_left(
    archive: Archive,
) -> None:
    """The day of the alternatives to detention serves tables with axes, never the removals."""
    through: dict[str, dict[str, set[str]]] = {}
    for release in review(archive).accepted(ICE):
        figures = rows(archive, release)
        tables = through.setdefault(release.file_name, {})
        for name, day in zip(figures["table_name"], figures["updated_through"], strict=True):
            tables.setdefault(name, set()).add(day)
    june = through["FY21_detentionStats061121.xlsx"]
    assert june["removals"] == {""}
    assert june["alternatives_to_detention"] == {"2021-06-05"}
    assert through["FY21_detentionStats07222020.xlsx"]["removals"] == {"2021-07-17"}


def test_a_date_in_a_name_that_cannot_be_true_is_noted(archive: Archive) -> None:
    [release] = [r for r in review(archive).accepted(ICE) if "07222020" in r.file_name]
    assert release.published_on == date(2021, 7, 23)
    assert release.notes == (
        "the date 2020-07-22 in the file's name, expected a day of FY2021 or later: not used",
    )


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are taken in again are not read again, which takes most of the time."""
    known: dict[tuple[bytes, str, str], ParsedRelease] = {}

    def read(
        content: bytes, dataset: Dataset, published: PublicationDate, limits: Limits
    ) -> ParsedRelease:
        key = (content, dataset.name, str(published))
        if key not in known:
            known[key] = read_release(content, dataset, published, limits)
        return known[key]

    monkeypatch.setattr("orchestration.intake.intake.read_release", read)


@pytest.mark.usefixtures("read_once")
@pytest.mark.long
def test_the_order_of_intake_does_not_matter(
    archive: Archive, workbooks: dict[str, Path], tmp_path: Path
) -> None:
    """ICE's workbooks, one by one, in three orders, each into an archive of its own."""
    expected = outcomes(archive)
    paths = [workbooks[name] for name in sorted(workbooks)]
    for name, order in {
        "newest first": paths[::-1],
        "from the middle": [*paths[8:], *paths[:8]],
        "every third": [*paths[::3], *paths[1::3], *paths[2::3]],
    }.items():
        settings = Settings(tmp_path / name, offline=True)
        intake = Intake(settings)
        for path in order:
            published = PublicationDate.parse(path.parent.name)
            intake.take(Candidate(path, ICE, published, path.name, path.name))
        assert outcomes(Archive(settings.archive)) == expected


def rows(archive: Archive, release: Release) -> pl.DataFrame:
    return pl.read_parquet(archive.rows_path(release))


def removals(archive: Archive, release: Release) -> dict[int, int]:
    """ICE's removals by fiscal year, as the reader found them."""
    totals = rows(archive, release).filter(
        (pl.col("table_name") == "removals") & (pl.col("series") == "total")
    )
    return {int(year): int(n) for year, n in totals.select("fiscal_year", "figure").iter_rows()}


def outcomes(archive: Archive) -> set[tuple[str, str, str]]:
    return {
        (release.file_name, release.verdict, str(release.published))
        for release in review(archive).releases
        if release.dataset == ICE
    }
