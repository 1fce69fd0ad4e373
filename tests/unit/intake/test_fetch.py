"""Fetch: every candidate of the bundle and of the landing folders has its outcome."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake import intake
from orchestration.intake.fetch import fetch
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.settings import BUNDLED, Settings
from orchestration.sources.candidate import Candidate
from orchestration.sources.sites import Site
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST, Made, candidate, made
from tests.support.intake_outcomes import NAME, PAGE, accepted, take, tree


class TestFetching:
    """Candidates of the bundle and of the landing folders."""

    def test_takes_in_the_bundle_and_the_landing_folders(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        candidate(landing, good.bytes(), "2024-12", NAME)
        outcomes = fetch(settings)
        assert {outcome.kind for outcome in outcomes} == {"archived"}
        assert len(outcomes) == len(list(BUNDLED.glob("*/*/*.csv"))) + 1
        untyped = [r.dataset for r in Archive(settings.archive).releases() if r.untyped_rows]
        assert untyped == ["cbp_custody_and_transfer_statistics"] * 2  # misprints, corrected later
        before = tree(settings.archive)
        assert {outcome.kind for outcome in fetch(settings)} == {"duplicate"}
        assert tree(settings.archive) == before

    def test_takes_in_one_dataset_only(self, settings: Settings, landing: Path, good: Made) -> None:
        candidate(landing, good.bytes(), "2024-12", NAME)
        candidate(landing, made(BY_STATE).bytes(), "2024-12", "a.csv", BY_STATE)
        assert [outcome.dataset for outcome in fetch(settings, [BY_STATE])] == [BY_STATE]

    def test_says_once_and_at_once_that_something_is_new(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        in_archive: list[int] = []

        def note() -> None:
            in_archive.append(len(Archive(settings.archive).releases()))

        candidate(landing, PAGE, "2024-12", "a-page.csv")
        fetch(settings, [SOUTHWEST], when_new=note)
        assert in_archive == [], "a refused file"
        candidate(landing, good.bytes(), "2024-12", "b.csv")
        candidate(landing, good.with_header("component", "Component").bytes(), "2025-01", "c.csv")
        fetch(settings, [SOUTHWEST], when_new=note)
        assert in_archive == [2]
        fetch(settings, [SOUTHWEST], when_new=note)
        assert in_archive == [2]

    def test_archives_the_good_file_beside_five_bad_ones(
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
        outcomes = fetch(settings, [SOUTHWEST])
        by_name = {o.source.rpartition("/")[2]: (o.kind, o.reason) for o in outcomes}
        [release] = accepted(Archive(settings.archive), SOUTHWEST)
        assert by_name["a-good.csv"] == ("archived", None)
        assert by_name["b-renamed.csv"] == (
            "duplicate",
            f"b-renamed.csv: found the same bytes as release {release.describe()}",
        )
        assert by_name["c-page.csv"] == (
            "refused",
            "c-page.csv: line 1: found an HTML or XML page, expected comma-separated text",
        )
        kind, reason = by_name["d-column.csv"]
        assert kind == "refused"
        assert str(reason).startswith(
            "d-column.csv: line 1: found the unknown column 'Kind of Encounter'; found no column "
            "'Encounter Type'; expected the columns 'Fiscal Year', "
        )
        kind, reason = by_name["e-cut.csv"]
        assert kind == "refused"
        assert str(reason).startswith("e-cut.csv: line 105: found ")
        assert str(reason).endswith("expected 9; the file seems cut off there")
        assert by_name["f-empty.csv"] == (
            "refused",
            "f-empty.csv: line 1: found an empty file, expected a header and rows",
        )
        assert len({reason for _, reason in by_name.values()}) == len(files)
        refused = [r for r in Archive(settings.archive).releases() if r.verdict == "refused"]
        assert len(refused) == 4
        before = tree(settings.archive)
        again = [o.kind for o in fetch(settings, [SOUTHWEST])]
        assert again == ["duplicate"] * 6
        assert tree(settings.archive) == before

    def test_skips_what_is_in_the_wrong_place_by_its_path(
        self, settings: Settings, landing: Path, good: Made
    ) -> None:
        found = candidate(landing, good.bytes(), "2024-12", NAME)
        (landing / SOUTHWEST / "december").mkdir()
        (landing / SOUTHWEST / "2024-12" / "link.csv").symlink_to(found.path)
        (landing / "cbp_northern_encounters").mkdir()
        by_source = {o.source: (o.kind, o.dataset) for o in fetch(settings) if o.release is None}
        assert by_source == {
            f"{SOUTHWEST}/december": ("skipped", None),
            f"{SOUTHWEST}/2024-12/link.csv": ("skipped", None),
            "cbp_northern_encounters": ("skipped", None),
        }
        assert [r.file_name for r in accepted(Archive(settings.archive), SOUTHWEST)] == [NAME]

    def test_skips_a_landing_folder_that_does_not_exist(self, settings: Settings) -> None:
        [outcome] = [o for o in fetch(settings) if o.kind != "archived"]
        assert outcome.kind == "skipped"
        assert outcome.source == str(settings.landing[0])

    def test_skips_a_name_that_is_not_utf8_by_a_printable_one(
        self, settings: Settings, landing: Path
    ) -> None:
        try:
            candidate(landing, b"x", "2024-12", os.fsdecode(b"a\xff.csv"))
        except OSError:
            pytest.skip("this file system takes no such name")
        [outcome] = [o for o in fetch(settings) if o.kind != "archived"]
        assert outcome.source.encode() == rf"{SOUTHWEST}/2024-12/a\xff.csv".encode()
        assert str(outcome.reason).encode()

    def test_names_the_files_of_a_listing_that_are_of_no_dataset_once_per_page(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By area and by state share a page."""

        def read(site: Site, _: Path) -> Iterator[Candidate]:
            site.unmatched = [f"unknown-{number}.xlsx" for number in range(7)]
            site.left_out = ["a reason"]
            yield from ()

        monkeypatch.setattr(Site, "new_candidates", read)
        outcomes = fetch(replace(settings, offline=False), [BY_AREA, BY_STATE])
        page = load_catalogue()[BY_AREA].landing_page
        assert [(o.source, o.dataset, o.kind) for o in outcomes] == [
            (page, BY_AREA, "skipped"),
            (page, None, "skipped"),
            (page, BY_STATE, "skipped"),
        ]
        assert str(outcomes[1].reason).startswith(
            "found files that match the names of no dataset: unknown-0.xlsx, unknown-1.xlsx, "
            "unknown-2.xlsx, unknown-3.xlsx, unknown-4.xlsx and 2 more; "
        )

    def test_names_five_files_that_cannot_be_used_and_counts_the_others(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def read(site: Site, _: Path) -> Iterator[Candidate]:
            site.left_out = [f"reason {number}" for number in range(7)]
            yield from ()

        monkeypatch.setattr(Site, "new_candidates", read)
        outcomes = fetch(replace(settings, offline=False), [BY_AREA])
        assert [o.reason for o in outcomes] == [
            *(f"reason {number}" for number in range(5)),
            "found 2 more files that cannot be used",
        ]

    def test_stops_at_an_archive_that_was_tampered_with(
        self, settings: Settings, good: Made, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        release = take(settings, good.bytes()).release
        assert release is not None
        archive = Archive(settings.archive)
        (archive.folder_of(release) / release.bytes_name).write_bytes(PAGE)
        monkeypatch.setattr(intake, "reader_version", lambda _: "another")
        with pytest.raises(ArchiveError, match="found sha256"):
            fetch(settings)
