"""The lock: one run at a time in a home."""

from pathlib import Path

import pytest

from orchestration.builds.lock import Busy, exclusive


def test_only_one_run_holds_the_lock_and_it_is_free_afterwards(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(Busy, match="another run"), exclusive(tmp_path):
        pass
    with exclusive(tmp_path):
        pass
