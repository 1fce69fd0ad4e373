"""Commands about releases: fetch, add, releases, accept, refuse."""

import getpass
from pathlib import Path

import click

from orchestration.catalogue.dataset import load_catalogue
from orchestration.cli.options import FAILED, json_option, settings_with
from orchestration.cli.output import out, report_outcomes, show_moved, show_table
from orchestration.intake.intake import Intake
from orchestration.releases.archive import Archive
from orchestration.releases.publication import PublicationDate
from orchestration.review.decisions import decide
from orchestration.review.review import review
from orchestration.settings import ConfigurationError
from orchestration.sources.candidate import Candidate


@click.command()
@click.argument("datasets", nargs=-1)
def fetch(datasets: tuple[str, ...]) -> int:
    """Only look for new releases (of DATASETS; default all) and archive them."""
    known = load_catalogue()
    for name in datasets:
        if name not in known:
            raise ConfigurationError(f"found dataset {name!r}, expected one of {', '.join(known)}")
    report_outcomes(fetch(settings_with(), datasets or None))
    return 0


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dataset", required=True, help="Dataset of the catalogue.")
@click.option("--published-on", required=True, help="YYYY-MM-DD, or YYYY-MM.")
def add(file: Path, dataset: str, published_on: str) -> int:
    """Archive one FILE by hand."""
    known = load_catalogue()
    if dataset not in known:
        raise ConfigurationError(f"found dataset {dataset!r}, expected one of {', '.join(known)}")
    try:
        date = PublicationDate.parse(published_on)
    except ValueError as error:
        raise ConfigurationError(f"--published-on: {error}") from error
    outcome = Intake(settings_with()).take(
        Candidate(file, dataset, date, file.name, f"by hand/{file.name}")
    )
    report_outcomes([outcome])
    return 0 if outcome.kind in ("archived", "duplicate") else FAILED


@click.command()
@click.argument("release_id", required=False)
@click.option("--dataset", help="Only this dataset.")
@json_option
def releases(release_id: str | None, dataset: str | None, as_json: bool) -> int:
    """What is in the archive, with verdicts and reasons; of RELEASE_ID, if it is held, also
    the cells that moved."""
    reviewed = review(Archive(settings_with().archive))
    mine = [
        release
        for release in reviewed.releases
        if dataset in (None, release.dataset) and release_id in (None, release.release_id)
    ]
    if release_id is not None and not mine:
        raise ConfigurationError(f"found no release {release_id!r} in the archive")
    show_table(
        "Releases",
        (
            "dataset",
            "published",
            "verdict",
            "rows",
            "untyped",
            "months",
            "release",
            "file or reason",
        ),
        [
            (
                release.dataset,
                str(release.published),
                release.verdict,
                f"{release.rows:,}",
                release.untyped_rows,
                f"{release.first_month:%Y-%m} to {release.last_month:%Y-%m}"
                if release.first_month and release.last_month
                else "",
                release.release_id,
                release.reason or release.file_name,
            )
            for release in mine
        ],
        [release.model_dump(mode="json") for release in mine] if as_json else None,
    )
    if release_id is not None and not as_json:
        show_moved(reviewed, mine[0])
    return 0


@click.command()
@click.argument("release")
@click.option("--reason", required=True, help="Why it may stand.")
@click.option("--by", default=getpass.getuser, help="Who decides; default: you.")
def accept(release: str, reason: str, by: str) -> int:
    """Let a held RELEASE in; the next run builds with it."""
    decided = decide(Archive(settings_with().archive), release, "accepted", reason, by)
    out.print(f"Accepted {decided.describe()}; the next run lets it in.", soft_wrap=True)
    return 0


@click.command()
@click.argument("release")
@click.option("--reason", required=True, help="Why it may not stand.")
@click.option("--by", default=getpass.getuser, help="Who decides; default: you.")
def refuse(release: str, reason: str, by: str) -> int:
    """Refuse a held RELEASE for good."""
    decided = decide(Archive(settings_with().archive), release, "refused", reason, by)
    out.print(f"Refused {decided.describe()}; it stays out.", soft_wrap=True)
    return 0
