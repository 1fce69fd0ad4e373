"""Commands about releases: fetch, add, releases, and the decisions on one of them."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from orchestration.cli.options import FAILED, USAGE, check_datasets, json_option, settings_with
from orchestration.cli.output import (
    report_errors,
    say,
    say_json,
    show_facts,
    show_table,
)
from orchestration.cli.problems import report_outcomes, show_moved_cells, show_problems
from orchestration.intake.fetch import fetch as fetch_releases
from orchestration.intake.fetch import landing_problems
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.release import Decided, Release
from orchestration.review.decisions import decide, publication_date, redate_release
from orchestration.review.review import Review, review
from orchestration.settings import ConfigurationError
from orchestration.sources.candidate import Candidate
from orchestration.surroundings import whoami
from orchestration.wording import counted, form

COLUMNS = ("release", "dataset", "published", "verdict", "rows")
SHOWN_OF_ID = 8  # characters; enough for every command that takes a release


@click.command()
@click.argument("datasets", nargs=-1)
def fetch(datasets: tuple[str, ...]) -> int:
    """Fetch and archive new releases, without building.

    Of DATASETS; default: all."""
    check_datasets(datasets)
    settings = settings_with()
    report_outcomes(fetch_releases(settings, datasets or None))
    problems = landing_problems(settings)
    report_errors(problems)
    return USAGE if problems else 0


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dataset", required=True, help="The dataset, as named in the catalogue.")
@click.option("--published-on", required=True, help="YYYY-MM-DD, or YYYY-MM.")
def add(file: Path, dataset: str, published_on: str) -> int:
    """Archive one FILE by hand."""
    check_datasets([dataset])
    candidate = Candidate(
        file, dataset, publication_date(published_on), file.name, f"by hand/{file.name}"
    )
    outcome = Intake(settings_with()).take(candidate)
    report_outcomes([outcome])
    return 0 if outcome.kind in ("archived", "duplicate") else FAILED


@click.command()
@click.argument("release_id", required=False)
@click.option("--dataset", help="Only this dataset.")
@click.option(
    "--problems",
    is_flag=True,
    help="Only releases that wait for somebody: refused when they came in, or held.",
)
@json_option
def releases(release_id: str | None, dataset: str | None, problems: bool, as_json: bool) -> int:
    """List the archived releases with their verdicts.

    With RELEASE_ID, or its beginning, all about that release and, if it is held, the cells that
    moved."""
    check_datasets(() if dataset is None else (dataset,))
    reviewed = review(Archive(settings_with().archive))
    # the same bytes may be in two datasets: accepted in one, refused in the other
    waiting = {(r.dataset, r.release_id) for r in (*reviewed.unresolved(), *reviewed.waiting())}
    listed = [
        release
        for release in reviewed.releases
        if dataset in (None, release.dataset)
        and release.release_id.startswith(release_id or "")
        and (not problems or (release.dataset, release.release_id) in waiting)
    ]
    if release_id is not None and not listed:
        raise ConfigurationError(f"found no release {release_id!r} in the archive")
    if as_json:
        say_json([release.model_dump(mode="json") for release in listed])
    elif problems:
        show_problems(reviewed, listed)
        say(f"{counted(len(listed), 'release')} {form(len(listed), 'waits', 'wait')} for somebody.")
    elif release_id is not None and len(listed) == 1:
        _show_release(reviewed, listed[0])
    else:
        _list_releases(listed)
    return 0


def _show_release(reviewed: Review, release: Release) -> None:
    first, last = release.first_month, release.last_month
    show_facts(
        {
            "release": release.release_id,
            "dataset": release.dataset,
            "published": str(release.published),
            "verdict": _verdict(release),
            "rows": release.rows,
            "rejected": release.untyped_rows,
            "months": f"{first:%Y-%m} to {last:%Y-%m}" if first and last else None,
            "file": release.file_name,
            "reason": release.findings,
            "held for": () if release.is_waiting else release.held_for,
            "notes": release.notes,
        }
    )
    show_moved_cells(reviewed, release)


def _list_releases(releases: Sequence[Release]) -> None:
    """Print a line for each release, of at most 80 columns, and the number of each verdict."""
    rows = [
        (
            release.release_id[:SHOWN_OF_ID],
            release.dataset,
            str(release.published),
            _verdict(release),
            release.rows,
        )
        for release in releases
    ]
    show_table(COLUMNS, rows)
    verdicts = Counter(map(_verdict, releases))
    numbers = ", ".join(f"{number:,} {verdict}" for verdict, number in verdicts.most_common())
    say(f"{counted(len(releases), 'release')}: {numbers}." if releases else "No releases.")
    if releases:
        say("`borderledger releases RELEASE` shows one, with its months, file and reason.")


def _verdict(release: Release) -> str:
    is_in_part = release.is_waiting and release.verdict != "held"
    return "held in part" if is_in_part else release.verdict


def _decision(name: str, verdict: Decided, description: str, consequence: str) -> click.Command:
    """A command that stores one of the decisions on a release."""

    @click.command(name, help=description)
    @click.argument("release")
    @click.option("--reason", required=True, help="The reason for the decision.")
    @click.option("--by", default=whoami, help="Who decides; default: you.")
    def command(release: str, reason: str, by: str) -> int:
        decided = decide(Archive(settings_with().archive), release, verdict, reason, by)
        say(f"{verdict.capitalize()} {decided.describe()}; {consequence}.")
        return 0

    return command


accept = _decision(
    "accept",
    "accepted",
    "Accept a held RELEASE; the next run includes it.",
    "the next run includes it",
)
refuse = _decision(
    "refuse",
    "refused",
    "Refuse RELEASE for good, one that is held or was refused when it came in.",
    "no run includes it",
)
withdraw = _decision(
    "withdraw",
    "withdrawn",
    "Take RELEASE out of the next builds; the archive keeps it.",
    "no run includes it until it is reinstated",
)
reinstate = _decision(
    "reinstate",
    "reinstated",
    "Take back that RELEASE was withdrawn.",
    "the next run reviews it as if nobody had decided on it",
)


@click.command()
@click.argument("release")
@click.option("--published-on", required=True, help="YYYY-MM-DD, or YYYY-MM.")
@click.option("--reason", required=True, help="The reason for the correction.")
@click.option("--by", default=whoami, help="Who corrects it; default: you.")
def redate(release: str, published_on: str, reason: str, by: str) -> int:
    """Correct the publication date of RELEASE.

    Its file is checked again under the new date."""
    redated = redate_release(settings_with(), release, published_on, reason, by)
    say(f"Redated {redated.describe()}; the next run uses the new date.")
    return 0
