"""One release that passes intake and fails a gate: it is held, and the others are published."""

import json
from pathlib import Path

from orchestration.builds.build import all_builds
from orchestration.settings import Settings
from tests.conftest import run_command
from tests.support.cbp_files import BY_STATE, made, published_name
from tests.support.published_file import ask

COUNT = "400000"  # in every cell: no month leaps, and none can be true


def landing_with_one_bad_release(folder: Path) -> Path:
    """The months are in no other release, so that no comparison of cuts fails as well."""
    bad = made(BY_STATE, "2025-10", "2026-06").with_cells("encounters", lambda *_: COUNT).bytes()
    path = folder / BY_STATE / "2026-07" / published_name(bad, BY_STATE)
    path.parent.mkdir(parents=True)
    path.write_bytes(bad)
    return folder


def test_a_release_whose_rows_fail_a_gate_is_held_and_the_others_are_published(
    tmp_path: Path,
) -> None:
    home, landing = tmp_path / "home", landing_with_one_bad_release(tmp_path / "landing")
    done = run_command(home, "nightly", "--landing", str(landing))
    assert "Published build " in done.stdout
    assert "1 held: see `borderledger releases --problems`" in done.stdout
    assert "A gate held " in done.stderr
    assert ask(home, "select count(*) from fct_encounters_by_state") == [(0,)]
    [(dataset, verdict, reason)] = ask(
        home, "select dataset, verdict, reason from meta.releases where verdict <> 'accepted'"
    )
    assert (dataset, verdict) == (BY_STATE, "held")
    assert "held by a gate: main.fct_encounters_by_state" in reason
    [problem] = json.loads(run_command(home, "releases", "--problems", "--json").stdout)
    assert problem["held_by_gate"]["rows"] > 0

    quiet = run_command(home, "nightly", "--landing", str(landing))
    assert "Nothing is new since build" in quiet.stdout

    # once a person insists, the gate stops the run as it always did
    run_command(home, "accept", problem["release_id"], "--reason", "a test", "--by", "Ada")
    stopped = run_command(home, "nightly", "--landing", str(landing), expect=1)
    assert "A gate refused the run; the published file is unchanged." in stopped.stderr
    sealed = [build for build in all_builds(Settings(home).builds) if build.is_sealed]
    assert len(sealed) == 1
