"""Faults in the environment: the disk, other processes."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from orchestration.builds.build import Build, all_builds, open_build
from orchestration.builds.fingerprint import Fingerprint
from orchestration.builds.lock import Busy, exclusive
from orchestration.builds.publishing import PublishError, publish, published_build
from orchestration.builds.verification import verify
from orchestration.catalogue.corrections import Correction
from orchestration.durable import sha256_of
from orchestration.intake.fetch import fetch
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.release import Release
from orchestration.review.corrections import CorrectionError
from orchestration.review.review import review
from orchestration.settings import Settings
from tests.conftest import copy_home, run_command
from tests.resilience.crash.kills import (
    BOUNDARIES,
    Moment,
    Place,
    killed_at,
    problems_after_kill,
    state_of,
)
from tests.resilience.crash.new_releases import NewRelease, new_release, put_in_landing
from tests.resilience.crash.obstacles import (
    FULL,
    NO_MEMORY,
    NO_PERMISSION,
    OBSTACLES,
    READ_ONLY,
    Obstacle,
    RunOutcome,
    run_into,
    run_with_checks_killed,
)
from tests.resilience.faults.fault import Fault, Observed, Outcome, Sandbox
from tests.resilience.faults.faulty_releases import PUBLISHED, File, take_in
from tests.support.cbp_files import SOUTHWEST, made
from tests.support.hostile_surroundings import ODD_NAME, run_amid_hostile_surroundings
from tests.support.lock_holder import held_by_another
from tests.support.published_copies import kill_a_writing_session
from tests.support.published_file import OPEN_SESSION, digests

MENTIONS = {
    FULL: "cannot be written: ",
    NO_PERMISSION: NO_PERMISSION,
    READ_ONLY: READ_ONLY,
    NO_MEMORY: "raise BORDERLEDGER_MEMORY",
}
DAMAGE = b"damage" * 10


def _archive_one(sandbox: Sandbox) -> Release:
    """Archive one release and return it."""
    take_in(sandbox, File(made().bytes(), PUBLISHED))
    [release] = sandbox.archive.releases()
    return release


def _damaged_archive(change: Callable[[Path], object]) -> Callable[[Sandbox], Observed]:
    """Fetch again after a change to the folder of an archived release."""

    def inflict(sandbox: Sandbox) -> Observed:
        release = _archive_one(sandbox)
        folder = sandbox.archive.folder_of(release)
        change(folder)
        try:
            fetch(sandbox.settings, [SOUTHWEST])
        except ArchiveError as error:
            return Observed("run failed", ("archive",), str(error))
        problems = [found.problem for found in verify(sandbox.settings) if found.problem]
        if problems or sandbox.archive.releases()[0].rows != release.rows:
            return Observed("missed", (), str(problems))
        return Observed("repaired", (), "")

    return inflict


def _overwrite_block(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(DAMAGE)


def _rows_of(folder: Path) -> Path:
    [path] = folder.glob("rows-*.parquet")
    return path


def _leftovers(sandbox: Sandbox) -> Observed:
    """A killed run left half a release and half a build behind."""
    release = _archive_one(sandbox)
    half = sandbox.settings.archive / ".incoming-killed"
    half.mkdir()
    (half / "release.csv").write_bytes(b"half")
    killed = open_build(sandbox.settings.builds, "killed", Fingerprint("a", "b", "c"))
    killed.database.write_bytes(b"half")
    fetch(sandbox.settings, [SOUTHWEST])
    build = open_build(sandbox.settings.builds, "next", Fingerprint("a", "b", "c"))
    kept = [build.folder for build in all_builds(sandbox.settings.builds)]
    right = kept == [build.folder] and sandbox.archive.releases() == [release]
    return Observed("repaired" if right else "missed", (), str(kept))


def _published(sandbox: Sandbox) -> Settings:
    """The settings of a copy of the bundle's home, in which the job has published."""
    return Settings(copy_home(sandbox.homes("bundle"), sandbox.folder / "home"), offline=True)


def _after_nightly(settings: Settings, words: str) -> Observed:
    """Run the job; its output must contain these words, and everything must verify."""
    done = run_command(settings.home, "nightly", expect=None)
    problems = [found.problem for found in verify(settings) if found.problem]
    right = done.returncode == 0 and not problems and words in done.stdout
    return Observed("repaired" if right else "missed", ("publish",), done.stdout + str(problems))


def _published_file_deleted(sandbox: Sandbox) -> Observed:
    settings = _published(sandbox)
    settings.published.unlink()
    return _after_nightly(settings, "is published again")


def _published_file_damaged(sandbox: Sandbox) -> Observed:
    settings = _published(sandbox)
    settings.published.chmod(0o644)
    _overwrite_block(settings.published)
    done = run_command(settings.home, "verify", expect=None)
    if done.returncode != 3 or f"published file: {settings.published}" not in done.stderr:
        return Observed("missed", (), done.stdout + done.stderr)
    return _after_nightly(settings, "is published again")


def _log_beside_published_file(sandbox: Sandbox) -> Observed:
    """A session that may write was killed: DuckDB replays its log for every later reader."""
    settings = _published(sandbox)
    kill_a_writing_session(settings.published, "insert into meta.builds select * from meta.builds")
    done = run_command(settings.home, "verify", expect=None)
    if done.returncode != 3 or "write-ahead log" not in done.stderr:
        return Observed("missed", (), done.stdout + done.stderr)
    return _after_nightly(settings, "is published again")


def _published_and_build_damaged(sandbox: Sandbox) -> Observed:
    """No good copy is left, so the next run builds a new one."""
    settings = _published(sandbox)
    build = published_build(settings)
    assert build is not None
    for path in (settings.published, build.database):
        path.chmod(0o644)
        _overwrite_block(path)
    return _after_nightly(settings, "Published build")


def _build_damaged_before_it_is_published(sandbox: Sandbox) -> Observed:
    settings = _published(sandbox)
    before = settings.published.read_bytes()
    [build] = all_builds(settings.builds)
    build.database.chmod(0o644)
    _overwrite_block(build.database)
    try:
        publish(build, settings)
    except PublishError as error:
        outcome = "run failed" if settings.published.read_bytes() == before else "missed"
        return Observed(outcome, ("publish",), str(error))  # type: ignore[arg-type]
    return Observed("missed", (), "")


def _two_runs(sandbox: Sandbox) -> Observed:
    """A second run in one home is turned away with the process id of the first."""
    home = sandbox.settings.home
    with held_by_another(home) as other:
        try:
            with exclusive(home):
                return Observed("missed", (), "")
        except Busy as error:
            named = f"(process {other.pid})" in str(error)
            return Observed("run failed", ("lock",) * named, str(error))


def _two_fetches(sandbox: Sandbox) -> Observed:
    """Two processes fetch the same files at once."""
    path = sandbox.settings.landing[0] / SOUTHWEST / PUBLISHED / "file.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(made().bytes())
    command = (
        "import sys; from pathlib import Path; from orchestration.intake.fetch import fetch;"
        "from orchestration.settings import Settings;"
        "fetch(Settings(Path(sys.argv[1]), (Path(sys.argv[2]),), offline=True))"
    )
    arguments = [
        *(sys.executable, "-c", command),
        *(str(sandbox.settings.home), str(sandbox.settings.landing[0])),
    ]
    runs = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [run.communicate()[1] for run in runs]
    alone = Settings(sandbox.folder / "alone", sandbox.settings.landing, offline=True)
    fetch(alone)
    same = Archive(alone.archive).digest() == sandbox.archive.digest()
    whole = not [found for found in verify(sandbox.settings) if found.problem]
    right = same and whole and not any(run.returncode for run in runs)
    return Observed("no harm" if right else "missed", (), "".join(errors))


def _open_session(sandbox: Sandbox) -> Observed:
    """A session that stays open keeps reading its file while another build is published."""
    settings = _published(sandbox)
    [first] = all_builds(settings.builds)
    reader = subprocess.Popen(
        [sys.executable, "-c", OPEN_SESSION, str(settings.published)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    before = reader.stdout.readline().strip()
    publish(_stamped_copy(first), settings)
    after, _ = reader.communicate("\n", timeout=60)
    now = subprocess.run(
        [sys.executable, "-c", OPEN_SESSION, str(settings.published)],
        input="\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    right = before == after.strip() == first.build_id and now == ["20990101T000000Z-stamped"] * 2
    return Observed("no harm" if right else "missed", (), f"{before} {after} {now}")


def _stamped_copy(build: Build) -> Build:
    """A sealed build with the same tables under another id."""
    copy = Build(build.folder.with_name("20990101T000000Z-stamped"))
    shutil.copytree(build.folder, copy.folder)
    copy.database.chmod(0o644)
    with duckdb.connect(str(copy.database)) as connection:
        connection.execute(f"update meta.builds set build_id = '{copy.build_id}'")
    copy.database.chmod(0o444)
    record = json.loads((copy.folder / "build.json").read_text())
    record |= {"build_id": copy.build_id, "sha256": sha256_of(copy.database)}
    (copy.folder / "build.json").write_text(json.dumps(record))
    return copy


def _place(sandbox: Sandbox) -> tuple[Place, list[NewRelease]]:
    """A home in which the job has published, and a newer release in its landing folder."""
    place = Place(_published(sandbox).home, sandbox.folder / "landing")
    put_in_landing(place.landing, new_release(0))
    return place, [new_release(0)]


def _killed(moment: Moment) -> Fault:
    """Kill the job at a moment; nothing must be lost or half-written."""

    def inflict(sandbox: Sandbox) -> Observed:
        place, releases = _place(sandbox)
        before = state_of(place.settings)
        killed = killed_at(moment, place)
        killed.end_survivors()
        problems = problems_after_kill(before, releases, place.settings)
        right = killed.reached and not problems
        return Observed("no harm" if right else "missed", (), f"{problems}")

    about = "The run is killed there with its child processes."
    return Fault(f"killed at: {moment.kind}", about, "no harm", None, (), inflict, is_long=True)


def _obstructed(obstacle: Obstacle) -> Fault:
    """The job cannot write: it reports it in one sentence and changes nothing."""

    def inflict(sandbox: Sandbox) -> Observed:
        return _of_outcome(run_into(obstacle, *_place(sandbox)))

    about = "The home or part of it cannot be written, or memory does not suffice."
    mentions = (MENTIONS[obstacle.reason],)
    return Fault(obstacle.name, about, "run failed", "command", mentions, inflict, is_long=True)


def _checks_killed(sandbox: Sandbox) -> Observed:
    return _of_outcome(run_with_checks_killed(*_place(sandbox)))


def _of_outcome(outcome: RunOutcome) -> Observed:
    if outcome.problems:
        return Observed("missed", (), str(outcome.problems))
    return Observed("run failed", ("command",), outcome.sentence)


def _correction_that_does_not_fit(sandbox: Sandbox) -> Observed:
    """A correction no longer matches, because the publisher has corrected the figure."""
    _archive_one(sandbox)
    correction = Correction(
        name="corrected-by-now",
        dataset=SOUTHWEST,
        cells={"month": "2024-03", "component": "USBP", "demographic": "single adults"},
        expects=1,
        use=0,
        reason="made for a fault",
        source="https://www.cbp.gov",
        since=date(2024, 1, 1),
    )
    try:
        review(sandbox.archive, corrections=[correction])
    except CorrectionError as error:
        return Observed("run failed", ("corrections",), str(error))
    return Observed("missed", (), "")


def _home_is_a_file(sandbox: Sandbox) -> Observed:
    home = sandbox.folder / "home"
    home.write_text("not a folder")
    done = run_command(home, "fetch", expect=None)
    outcome: Outcome = "run failed" if done.returncode == 2 else "missed"
    return Observed(outcome, ("command",), done.stderr)


def _hostile_surroundings(sandbox: Sandbox) -> Observed:
    """Every variable, path, folder and terminal that could mislead a library, at once."""
    done = run_amid_hostile_surroundings(sandbox.folder, "nightly")
    beside = sorted(path.name for path in sandbox.folder.iterdir() if path.name != ODD_NAME)
    if done.returncode != 0 or beside:
        return Observed("missed", (), f"{done.stderr} {beside}")
    same = digests(sandbox.folder / ODD_NAME / "home") == digests(sandbox.homes("bundle"))
    return Observed("no harm" if same else "missed", (), "")


def _home_with_a_question_mark(sandbox: Sandbox) -> Observed:
    done = run_command(sandbox.folder / "wh?t", "fetch", expect=None)
    right = done.returncode == 2 and not list(sandbox.folder.iterdir())
    return Observed("run failed" if right else "missed", ("command",), done.stderr)


ENVIRONMENT = (
    Fault(
        "archived bytes changed",
        "A block of a release's file was overwritten on disk.",
        "run failed",
        "archive",
        ("release.csv: found sha256", "expected"),
        _damaged_archive(lambda folder: _overwrite_block(folder / "release.csv")),
    ),
    Fault(
        "archived bytes gone",
        "A release's file was deleted.",
        "run failed",
        "archive",
        ("release.csv: found no readable file",),
        _damaged_archive(lambda folder: (folder / "release.csv").unlink()),
    ),
    Fault(
        "record of a release cut off",
        "Half of a record is gone.",
        "run failed",
        "archive",
        ("record.json: found no readable record",),
        _damaged_archive(lambda folder: (folder / "record.json").write_text('{"release_id"')),
    ),
    Fault(
        "parsed rows changed",
        "A block of a release's rows was overwritten on disk: the file is parsed again.",
        "repaired",
        None,
        (),
        _damaged_archive(lambda folder: _overwrite_block(_rows_of(folder))),
    ),
    Fault(
        "parsed rows gone",
        "A release's rows were deleted: the file is parsed again.",
        "repaired",
        None,
        (),
        _damaged_archive(lambda folder: _rows_of(folder).unlink()),
    ),
    Fault(
        "leftovers of a killed run",
        "Half a release and half a build are there.",
        "repaired",
        None,
        (),
        _leftovers,
    ),
    Fault(
        "published file deleted",
        "It was deleted; the last build is published again.",
        "repaired",
        "publish",
        ("The published file was gone",),
        _published_file_deleted,
    ),
    Fault(
        "published file damaged",
        "A block of it was overwritten; the last build is published again.",
        "repaired",
        "publish",
        ("The published file was damaged",),
        _published_file_damaged,
    ),
    Fault(
        "write-ahead log beside the published file",
        "A session opened the file for writing and was killed; readers see what it wrote.",
        "repaired",
        "publish",
        ("altered by a write-ahead log",),
        _log_beside_published_file,
    ),
    Fault(
        "published file and its build damaged",
        "No good copy is left: the run builds a new one.",
        "repaired",
        "publish",
        ("Published build",),
        _published_and_build_damaged,
        is_long=True,
    ),
    Fault(
        "build damaged before it is published",
        "Its file is not the one that was sealed.",
        "run failed",
        "publish",
        ("found sha256", "expected"),
        _build_damaged_before_it_is_published,
    ),
    Fault(
        "two runs started together",
        "The second is turned away.",
        "run failed",
        "lock",
        ("another run (process", "try later"),
        _two_runs,
    ),
    Fault(
        "two processes take in one file",
        "Both fetch at the same time.",
        "no harm",
        None,
        (),
        _two_fetches,
    ),
    Fault(
        "reader holding the published file",
        "A session stays open while another build is published.",
        "no harm",
        None,
        (),
        _open_session,
    ),
    Fault(
        "correction that does not fit",
        "The publisher has corrected the figure itself.",
        "run failed",
        "corrections",
        ("corrected-by-now", "expected 1"),
        _correction_that_does_not_fit,
    ),
    Fault(
        "home is a file",
        "The home folder cannot be created.",
        "run failed",
        "command",
        ("BORDERLEDGER_HOME is ", "a file; expected a folder"),
        _home_is_a_file,
    ),
    Fault(
        "home with a question mark",
        "DuckDB takes what follows for options, and would write elsewhere.",
        "run failed",
        "command",
        ("BORDERLEDGER_HOME is ", "expected a path without `?`"),
        _home_with_a_question_mark,
    ),
    Fault(
        "hostile surroundings",
        "Variables of libraries, modules in the working directory, a path that is a pattern.",
        "no harm",
        None,
        (),
        _hostile_surroundings,
        is_long=True,
    ),
    Fault(
        "checks killed",
        "The system, which has no memory left, kills the process of the checks.",
        "run failed",
        "command",
        ("in step gates_after_facts", "killed by SIGKILL", "memory runs out"),
        _checks_killed,
        is_long=True,
    ),
    *map(_obstructed, OBSTACLES),
    *map(_killed, BOUNDARIES),
)
