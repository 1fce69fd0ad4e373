"""Verification: damaged files are reported, and the next publication removes them."""

import pytest

from orchestration.builds.build import Build, sealed_builds
from orchestration.builds.publishing import (
    PublishError,
    latest_like,
    publish,
    published_build,
    published_is_whole,
)
from orchestration.builds.verification import verify
from orchestration.settings import Settings
from tests.support.builds import filled_build, overwrite_bytes, sealed_build

TORN = '{"build_id": "2025'


def test_a_damaged_build_is_reported_and_neither_reused_nor_published(settings: Settings) -> None:
    build = sealed_build(settings, "run-one-")
    publish(build, settings)
    assert latest_like(build.record.fingerprint, settings) == build
    overwrite_bytes(build)
    problems = {found.kind: found.problem for found in verify(settings)}
    assert str(build.database) in str(problems["build"])
    assert str(settings.published) in str(problems["published file"])
    assert latest_like(build.record.fingerprint, settings) is None
    with pytest.raises(PublishError, match="expected"):
        publish(build, settings)
    publish(sealed_build(settings, "run-two-", rows=5), settings)
    assert not build.folder.exists(), "the damaged build is deleted once another is published"
    assert [found.problem for found in verify(settings)] == [None, None]


@pytest.mark.parametrize("text", ["", TORN, "{}", "[]", "\udcff"])
def test_a_damaged_record_is_a_damaged_build_and_stops_nothing(
    text: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    earlier, build = sealed_build(settings, "run-one-"), sealed_build(settings, "run-two-", 4)
    publish(earlier, settings)
    publish(build, settings)
    digest, record = build.record.fingerprint, build.folder / "build.json"
    record.write_bytes(text.encode(errors="surrogateescape"))
    for _ in range(3):
        assert sealed_builds(settings.builds) == [earlier]
    assert not build.is_whole
    assert published_build(settings) is None
    assert not published_is_whole(settings)
    assert latest_like(digest, settings) is None
    assert caplog.text.count(f"{record}: found a damaged file") == 1
    assert _damaged(settings, "build")[0].startswith(f"{record}: found a damaged file (")
    assert _damaged(settings, "build")[0].endswith("), expected the record of a sealed build")
    again = sealed_build(settings, "run-six-", 4)
    publish(again, settings)
    assert sealed_builds(settings.builds) == [earlier, again]
    assert not build.folder.exists(), "the damaged build is deleted once another is published"
    assert _damaged(settings) == []


def test_a_build_that_is_open_or_that_is_gone_is_not_warned_of(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    filled_build(settings, "run-one-")
    assert sealed_builds(settings.builds) == []
    assert not Build(settings.builds / "20250101T000000Z-aaaaaaaa").is_whole
    assert caplog.text == ""


def _damaged(settings: Settings, kind: str | None = None) -> list[str]:
    """What is damaged in a home, of one kind if it is given."""
    return [
        found.problem
        for found in verify(settings)
        if found.problem is not None and kind in (None, found.kind)
    ]


@pytest.mark.parametrize("name", ["gates.json", "made-of.json"])
def test_a_file_beside_the_database_that_cannot_be_read_is_named(
    name: str, settings: Settings
) -> None:
    build = sealed_build(settings, "run-one-")
    publish(build, settings)
    (build.folder / name).write_text(TORN)
    [problem] = _damaged(settings)
    assert problem.startswith(f"{build.folder / name}: found a damaged file (Invalid JSON")
    assert published_is_whole(settings), "readers see the file that was sealed"
    assert latest_like(build.record.fingerprint, settings) is None, "the next run makes it again"
    publish(sealed_build(settings, "run-two-"), settings)
    assert _damaged(settings) == []


def test_every_damaged_file_of_a_build_is_named(settings: Settings) -> None:
    build = sealed_build(settings, "run-one-")
    for name in ("build.json", "gates.json"):
        (build.folder / name).write_text("{}")
    (build.folder / "made-of.json").unlink()
    [problem] = _damaged(settings, "build")
    for name, found in {
        "build.json": "a damaged file (build_id: Field required)",
        "made-of.json": "no file",
        "gates.json": "a damaged file (Input should be a valid array)",
    }.items():
        assert f"{build.folder / name}: found {found}, expected" in problem
