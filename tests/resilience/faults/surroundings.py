"""Faults in what the project lives in: the disk, the clock, other processes."""

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
from tests.resilience.crash.candidates import Offered, arrive, offered
from tests.resilience.crash.hindrances import (
    FULL,
    HINDRANCES,
    NO_PERMISSION,
    READ_ONLY,
    Hindrance,
    dbt_killed,
    met,
)
from tests.resilience.crash.hindrances import Outcome as HinderedRun
from tests.resilience.crash.kills import (
    BOUNDARIES,
    Moment,
    Place,
    killed_at,
    problems_after_kill,
    standing,
)
from tests.resilience.faults.arrivals import PUBLISHED, File, taken_in
from tests.resilience.faults.fault import Fault, Ground, Happened
from tests.support.cbp_files import SOUTHWEST, made
from tests.support.published_file import OPEN_SESSION

HOLD = """
import sys, pathlib
from orchestration.builds.lock import exclusive
with exclusive(pathlib.Path(sys.argv[1])):
    print("inside", flush=True)
    sys.stdin.readline()
"""
SAID = {FULL: "cannot be written: ", **{says: says for says in (NO_PERMISSION, READ_ONLY)}}
SPOILT = b"spoilt" * 10


def _archived(ground: Ground) -> Release:
    """One release in the archive."""
    taken_in(ground, File(made().bytes(), PUBLISHED))
    [release] = ground.archive.releases()
    return release


def _spoilt_archive(change: Callable[[Path], object]) -> Callable[[Ground], Happened]:
    """What the next look makes of an archive in which a release's folder was changed."""

    def inflict(ground: Ground) -> Happened:
        release = _archived(ground)
        folder = ground.archive.folder_of(release)
        change(folder)
        try:
            fetch(ground.settings, [SOUTHWEST])
        except ArchiveError as error:
            return Happened("run failed", ("archive",), str(error))
        problems = [found.problem for found in verify(ground.settings) if found.problem]
        if problems or ground.archive.releases()[0].rows != release.rows:
            return Happened("missed", (), str(problems))
        return Happened("mended", (), "")

    return inflict


def _spoil(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(SPOILT)


def _rows_of(folder: Path) -> Path:
    [path] = folder.glob("rows-*.parquet")
    return path


def _leftovers(ground: Ground) -> Happened:
    """A killed run leaves half a release and half a build behind."""
    release = _archived(ground)
    half = ground.settings.archive / ".incoming-killed"
    half.mkdir()
    (half / "release.csv").write_bytes(b"half")
    killed = open_build(ground.settings.builds, "killed", Fingerprint("a", "b", "c"))
    killed.database.write_bytes(b"half")
    fetch(ground.settings, [SOUTHWEST])
    build = open_build(ground.settings.builds, "next", Fingerprint("a", "b", "c"))
    kept = [build.folder for build in all_builds(ground.settings.builds)]
    right = kept == [build.folder] and ground.archive.releases() == [release]
    return Happened("mended" if right else "missed", (), str(kept))


def _published(ground: Ground) -> Settings:
    """A home of its own in which the job has published."""
    return Settings(copy_home(ground.homes("bundle"), ground.folder / "home"), offline=True)


def _after_nightly(settings: Settings, words: str) -> Happened:
    """The next run says what was wrong, and everything verifies."""
    done = run_command(settings.home, "nightly", expect=None)
    problems = [found.problem for found in verify(settings) if found.problem]
    right = done.returncode == 0 and not problems and words in done.stdout
    return Happened("mended" if right else "missed", ("publish",), done.stdout + str(problems))


def _published_file_deleted(ground: Ground) -> Happened:
    settings = _published(ground)
    settings.published.unlink()
    return _after_nightly(settings, "is published again")


def _published_file_damaged(ground: Ground) -> Happened:
    settings = _published(ground)
    settings.published.chmod(0o644)
    _spoil(settings.published)
    done = run_command(settings.home, "verify", expect=None)
    if done.returncode != 3 or f"published file: {settings.published}" not in done.stderr:
        return Happened("missed", (), done.stdout + done.stderr)
    return _after_nightly(settings, "is published again")


def _published_and_build_damaged(ground: Ground) -> Happened:
    """There is no good copy left: the next run builds anew."""
    settings = _published(ground)
    build = published_build(settings)
    assert build is not None
    for path in (settings.published, build.database):
        path.chmod(0o644)
        _spoil(path)
    return _after_nightly(settings, "Published build")


def _build_damaged_before_it_is_published(ground: Ground) -> Happened:
    settings = _published(ground)
    before = settings.published.read_bytes()
    [build] = all_builds(settings.builds)
    build.database.chmod(0o644)
    _spoil(build.database)
    try:
        publish(build, settings)
    except PublishError as error:
        outcome = "run failed" if settings.published.read_bytes() == before else "missed"
        return Happened(outcome, ("publish",), str(error))  # type: ignore[arg-type]
    return Happened("missed", (), "")


def _two_runs(ground: Ground) -> Happened:
    """A second run in one home is turned away, and names the first."""
    home = ground.settings.home
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            with exclusive(home):
                return Happened("missed", (), "")
        except Busy as error:
            named = f"(process {other.pid})" in str(error)
            return Happened("run failed", ("lock",) * named, str(error))
        finally:
            other.communicate("done\n")


def _two_looks(ground: Ground) -> Happened:
    """Two processes take in the same files at once."""
    path = ground.settings.landing[0] / SOUTHWEST / PUBLISHED / "file.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(made().bytes())
    command = (
        "import sys; from pathlib import Path; from orchestration.intake.intake import fetch;"
        "from orchestration.settings import Settings;"
        "fetch(Settings(Path(sys.argv[1]), (Path(sys.argv[2]),), offline=True))"
    )
    arguments = [
        *(sys.executable, "-c", command),
        *(str(ground.settings.home), str(ground.settings.landing[0])),
    ]
    runs = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate()[1] for run in runs]
    alone = Settings(ground.folder / "alone", ground.settings.landing, offline=True)
    fetch(alone)
    same = Archive(alone.archive).digest() == ground.archive.digest()
    whole = not [found for found in verify(ground.settings) if found.problem]
    right = same and whole and not any(run.returncode for run in runs)
    return Happened("no harm" if right else "missed", (), "".join(said))


def _reader(ground: Ground) -> Happened:
    """A session that stays open keeps its file while another build is published."""
    settings = _published(ground)
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
    return Happened("no harm" if right else "missed", (), f"{before} {after} {now}")


def _stamped_copy(build: Build) -> Build:
    """A sealed build with the same tables and another id."""
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


def _place(ground: Ground) -> tuple[Place, list[Offered]]:
    """A home in which the job has published, and a release that has arrived since."""
    place = Place(_published(ground).home, ground.folder / "landing")
    arrive(place.landing, offered(0))
    return place, [offered(0)]


def _killed(moment: Moment) -> Fault:
    """The job is killed when it has just come so far; nothing is lost and nothing half-written."""

    def inflict(ground: Ground) -> Happened:
        place, arrived = _place(ground)
        before = standing(place.settings)
        killed = killed_at(moment, place)
        killed.end_what_lives_on()
        problems = problems_after_kill(before, arrived, place.settings)
        right = killed.came_so_far and not problems
        return Happened("no harm" if right else "missed", (), f"{problems}")

    about = "The run is killed there, and what it has started with it."
    return Fault(f"killed at: {moment.kind}", about, "no harm", None, (), inflict, is_long=True)


def _hindered(write_failure: Hindrance, says: str) -> Fault:
    """The job cannot write: it says so in a sentence, and leaves everything as it was."""

    def inflict(ground: Ground) -> Happened:
        return _of_outcome(met(write_failure, *_place(ground)))

    about = "The home cannot be written, or not all of it."
    return Fault(write_failure.name, about, "run failed", "command", (says,), inflict, is_long=True)


def _out_of_memory(ground: Ground) -> Happened:
    return _of_outcome(dbt_killed(*_place(ground)))


def _of_outcome(outcome: HinderedRun) -> Happened:
    if outcome.problems:
        return Happened("missed", (), str(outcome.problems))
    return Happened("run failed", ("command",), outcome.told)


def _correction_that_does_not_fit(ground: Ground) -> Happened:
    """The publisher has mended what a correction corrects."""
    _archived(ground)
    correction = Correction(
        name="mended-by-now",
        dataset=SOUTHWEST,
        cells={"month": "2024-03", "component": "USBP", "demographic": "single adults"},
        expects=1,
        use=0,
        reason="made for a fault",
        source="https://www.cbp.gov",
        since=date(2024, 1, 1),
    )
    try:
        review(ground.archive, corrections=[correction])
    except CorrectionError as error:
        return Happened("run failed", ("corrections",), str(error))
    return Happened("missed", (), "")


def _home_is_a_file(ground: Ground) -> Happened:
    home = ground.folder / "home"
    home.write_text("not a folder")
    done = run_command(home, "fetch", expect=None)
    outcome = "run failed" if done.returncode == 3 else "missed"
    return Happened(outcome, ("command",), done.stderr)  # type: ignore[arg-type]


SURROUNDINGS = (
    Fault(
        "archived bytes changed",
        "A block of a release's file was overwritten on disk.",
        "run failed",
        "archive",
        ("release.csv: found sha256", "expected"),
        _spoilt_archive(lambda folder: _spoil(folder / "release.csv")),
    ),
    Fault(
        "archived bytes gone",
        "A release's file was deleted.",
        "run failed",
        "archive",
        ("release.csv: found no readable file",),
        _spoilt_archive(lambda folder: (folder / "release.csv").unlink()),
    ),
    Fault(
        "record of a release cut off",
        "Half of a record is gone.",
        "run failed",
        "archive",
        ("record.json: found no readable record",),
        _spoilt_archive(lambda folder: (folder / "record.json").write_text('{"release_id"')),
    ),
    Fault(
        "parsed rows changed",
        "A block of a release's rows was overwritten on disk: they are read again.",
        "mended",
        None,
        (),
        _spoilt_archive(lambda folder: _spoil(_rows_of(folder))),
    ),
    Fault(
        "parsed rows gone",
        "A release's rows were deleted: they are read again.",
        "mended",
        None,
        (),
        _spoilt_archive(lambda folder: _rows_of(folder).unlink()),
    ),
    Fault(
        "leftovers of a killed run",
        "Half a release and half a build lie there.",
        "mended",
        None,
        (),
        _leftovers,
    ),
    Fault(
        "published file deleted",
        "Somebody removed it; the last build is published again.",
        "mended",
        "publish",
        ("The published file was gone",),
        _published_file_deleted,
    ),
    Fault(
        "published file damaged",
        "A block of it was overwritten; the last build is published again.",
        "mended",
        "publish",
        ("The published file was damaged",),
        _published_file_damaged,
    ),
    Fault(
        "published file and its build damaged",
        "No good copy is left: the run builds anew.",
        "mended",
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
        "Both look for releases at once.",
        "no harm",
        None,
        (),
        _two_looks,
    ),
    Fault(
        "reader holding the published file",
        "A session stays open while another build is published.",
        "no harm",
        None,
        (),
        _reader,
    ),
    Fault(
        "correction that does not fit",
        "The publisher has mended the error that it corrects.",
        "run failed",
        "corrections",
        ("mended-by-now", "expected 1"),
        _correction_that_does_not_fit,
    ),
    Fault(
        "home is a file",
        "The folder for everything cannot be made.",
        "run failed",
        "command",
        ("Not a directory", "/home/"),
        _home_is_a_file,
    ),
    Fault(
        "out of memory in a step",
        "The system kills dbt while it makes the facts.",
        "run failed",
        "command",
        ("in step facts", "killed by SIGKILL", "memory runs out"),
        _out_of_memory,
        is_long=True,
    ),
    *(_hindered(write_failure, SAID[write_failure.says]) for write_failure in HINDRANCES),
    *map(_killed, BOUNDARIES),
)
