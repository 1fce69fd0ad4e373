"""Verification: damaged files are reported, and the next publication removes them."""

import pytest

from orchestration.builds.publishing import PublishError, latest_like, publish
from orchestration.builds.verification import verify
from orchestration.settings import Settings
from tests.support.builds import overwrite_bytes, sealed_build


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
