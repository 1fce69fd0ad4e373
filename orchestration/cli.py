"""The `borderledger` command: thin, over the same functions and the same job as Dagster.

Exit codes: 0 success, 1 a gate refused the run, 2 usage or configuration, 3 any other failure.
Dagster, dbt and Great Expectations take seconds to import; only a command that runs the
job does.
"""

import getpass
import json
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from orchestration.builds.build import Build, all_builds
from orchestration.builds.difference import differences
from orchestration.builds.fingerprint import fingerprint
from orchestration.builds.lock import Busy
from orchestration.builds.publishing import (
    PublishError,
    latest_like,
    publish,
    published_build,
    published_is_whole,
    roll_back,
)
from orchestration.builds.reading import read_claims
from orchestration.builds.verification import verify as verified
from orchestration.durable import Unwritable, hindrance
from orchestration.gates.suites import load_suites
from orchestration.intake import Intake, look
from orchestration.printing import (
    as_cell,
    err,
    out,
    show_failures,
    show_moved,
    show_table,
    tell,
    tell_held,
)
from orchestration.releases.archive import Archive, ArchiveError
from orchestration.releases.catalogue import load_catalogue
from orchestration.releases.offer import Offer, PublicationDate
from orchestration.settings import ConfigurationError, Settings
from orchestration.vintages.corrections import CorrectionError
from orchestration.vintages.decisions import decide
from orchestration.vintages.holds import judge

if TYPE_CHECKING:
    from orchestration.running import Run

GATE_REFUSED, USAGE, FAILED = 1, 2, 3

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """US border figures from the agencies' own releases, as one DuckDB file."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; every error that is understood is one line, not a traceback."""
    try:
        sys.exit(cli.main(arguments, standalone_mode=False) or 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except ConfigurationError as error:
        _fail(error, USAGE)
    except CorrectionError as error:
        _fail(error, GATE_REFUSED)
    except (ArchiveError, Busy, PublishError, Unwritable) as error:
        _fail(error, FAILED)
    except click.Abort:
        _fail("interrupted", FAILED)
    except Exception as error:
        _fail_unforeseen(error)


@cli.command()
@click.option("--landing", multiple=True, type=folder, help="A landing folder; may be repeated.")
@click.option("--offline", is_flag=True, help="Do not ask the publishers' sites.")
@click.option("--force", is_flag=True, help="Build although nothing is new.")
def nightly(landing: tuple[Path, ...], offline: bool, force: bool) -> int:
    """The whole job: look for releases, build, gate, publish."""
    settings = _settings(landing, offline)
    tell(look(settings))
    alike = latest_like(fingerprint(Archive(settings.archive)).digest, settings)
    if alike is not None and not force:
        if alike.record.held:
            out.print(f"{alike.record.held} releases are held; `borderledger releases` says why.")
        if not published_is_whole(settings):
            was = "damaged" if settings.published.exists() else "gone"
            publish(alike, settings)
            out.print(f"The published file was {was}; build {alike.build_id} stands again.")
        else:
            out.print(f"Nothing is new since build {alike.build_id}.")
        return 0
    tell_held(judge(Archive(settings.archive)))
    from orchestration.running import run_nightly

    run = run_nightly(settings, force=force)
    if run.succeeded and run.build:
        out.print(f"Published build {run.build.build_id}: {settings.published}")
        return 0
    return _failed(run)


@cli.command()
@click.option("--as-of", required=True, help="A day, YYYY-MM-DD.")
def rebuild(as_of: str) -> int:
    """Build a warehouse from the releases published by a day, into a file of its own."""
    try:
        day = date.fromisoformat(as_of)
    except ValueError:
        raise ConfigurationError(
            f"--as-of: found {as_of!r}, expected a day such as 2024-12-20"
        ) from None
    settings = _settings()
    if not judge(Archive(settings.archive), day).accepted():
        raise ConfigurationError(f"found no release published by {day}, expected at least one")
    from orchestration.running import run_nightly

    run = run_nightly(settings, force=True, as_of=day)
    if run.succeeded and run.build:
        out.print(f"Built {run.build.build_id} as of {day}: {run.build.database}", soft_wrap=True)
        return 0
    return _failed(run)


@cli.command()
@click.argument("one")
@click.argument("other")
@json_option
def diff(one: str, other: str, as_json: bool) -> int:
    """Per table what build OTHER has and build ONE has not: rows added, removed and changed.
    A build is named by its id, as `builds` shows it, or `published`."""
    files = [_named_build(name).database for name in (one, other)]
    keys = {suite.table: suite.key for suite in load_suites()}
    found = differences(files[0], files[1], keys)
    columns = (
        "table",
        "rows_added",
        "rows_removed",
        "rows_changed",
        "digest_before",
        "digest_after",
    )
    records = [asdict(difference) for difference in found]
    rows = [tuple(record[column] for column in columns) for record in records]
    show_table("Differences", columns, rows, records if as_json else None)
    alike = sum(difference.digest_before == difference.digest_after for difference in found)
    if not as_json:
        out.print(f"{alike} of {len(found)} tables are equal.")
    return 0


@cli.command()
@click.argument("release")
@click.option("--reason", required=True, help="Why it may stand.")
@click.option("--by", default=getpass.getuser, help="Who decides; default: you.")
def accept(release: str, reason: str, by: str) -> int:
    """Let a held RELEASE in; the next run builds with it."""
    decided = decide(Archive(_settings().archive), release, "accepted", reason, by)
    out.print(f"Accepted {decided.describe()}; the next run lets it in.", soft_wrap=True)
    return 0


@cli.command()
@click.argument("release")
@click.option("--reason", required=True, help="Why it may not stand.")
@click.option("--by", default=getpass.getuser, help="Who decides; default: you.")
def refuse(release: str, reason: str, by: str) -> int:
    """Refuse a held RELEASE for good."""
    decided = decide(Archive(_settings().archive), release, "refused", reason, by)
    out.print(f"Refused {decided.describe()}; it stays out.", soft_wrap=True)
    return 0


def _failed(run: "Run") -> int:
    """Say why a run failed; the exit code."""
    if run.refused_by_gate:
        results = run.build.gate_results if run.build else []
        show_failures(results)
        if not any(result.blocks for result in results):  # a check that could not be evaluated
            err.print(f"The gate failed {run.reason}", soft_wrap=True, markup=False)
        err.print("A gate refused the run; the published file is what it was.")
        return GATE_REFUSED
    err.print(f"The run failed: {run.reason}", soft_wrap=True, markup=False)
    return FAILED


@cli.command()
@click.argument("datasets", nargs=-1)
def fetch(datasets: tuple[str, ...]) -> int:
    """Only look for new releases (of DATASETS; default all) and archive them."""
    known = load_catalogue()
    for name in datasets:
        if name not in known:
            raise ConfigurationError(f"found dataset {name!r}, expected one of {', '.join(known)}")
    tell(look(_settings(), datasets or None))
    return 0


@cli.command()
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
    arrival = Intake(_settings()).take(
        Offer(file, dataset, date, file.name, f"by hand/{file.name}")
    )
    tell([arrival])
    return 0 if arrival.outcome in ("archived", "known", "renamed") else FAILED


@cli.command()
@click.argument("release_id", required=False)
@click.option("--dataset", help="Only this dataset.")
@json_option
def releases(release_id: str | None, dataset: str | None, as_json: bool) -> int:
    """What is in the archive, with verdicts and reasons; of RELEASE_ID, if it is held, also
    the cells that moved."""
    judgement = judge(Archive(_settings().archive))
    mine = [
        release
        for release in judgement.releases
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
        show_moved(judgement, mine[0])
    return 0


@cli.command()
@click.option("--all", "every", is_flag=True, help="Every check, not only those that failed.")
@json_option
def gates(every: bool, as_json: bool) -> int:
    """The last run's checks."""
    builds = all_builds(_settings().builds)
    results = builds[-1].gate_results if builds else []
    if as_json:
        click.echo(json.dumps([result.model_dump() for result in results], indent=2))
        return 0
    shown = results if every else [result for result in results if result.status == "failed"]
    ran = sum(result.status != "not applicable" for result in results)
    failed = sum(result.status == "failed" for result in results)
    build = builds[-1].build_id if builds else "none"
    if shown:
        show_table(
            f"Checks of build {build}",
            ("table", "check", "severity", "status", "observed", "rows", "why"),
            [
                (r.table, r.check, r.severity, r.status, r.observed, r.unexpected_count, r.notes)
                for r in shown
            ],
        )
    out.print(
        f"Build {build}: {ran} checks ran, {failed} failed, {len(results) - ran} do not apply."
    )
    return 0


@cli.command()
@click.argument("claim_id", required=False)
@json_option
def claims(claim_id: str | None, as_json: bool) -> int:
    """The claims with their verdicts; of CLAIM_ID also the sentence and the releases."""
    checked = read_claims(_settings().published)
    mine = [claim for claim in checked if claim_id in (None, claim.claim_id)]
    if not mine:
        known = ", ".join(claim.claim_id for claim in checked)
        raise ConfigurationError(f"found the claim {claim_id!r}, expected one of {known}")
    show_table(
        "Claims",
        ("claim", "stated_on", "stated", "value_then", "value_now", "verdict", "evidence"),
        [
            (
                claim.claim_id,
                claim.stated_on,
                claim.stated_value,
                claim.value_then,
                claim.value_now,
                claim.verdict,
                "\n".join(claim.evidence),
            )
            for claim in mine
        ],
        [claim.model_dump(mode="json") for claim in mine] if as_json else None,
    )
    if claim_id is not None and not as_json:
        out.print(mine[0].claim, mine[0].note, sep="\n", soft_wrap=True, markup=False)
    return 0


@cli.command()
@json_option
def builds(as_json: bool) -> int:
    """Builds that are kept, newest last, then those as of a day."""
    settings = _settings()
    current = published_build(settings)
    every = (*all_builds(settings.builds), *all_builds(settings.rebuilds))
    kept = [build for build in every if build.is_sealed]
    records = [
        build.record.model_dump(mode="json")
        | {"published": current is not None and current.folder == build.folder}
        for build in kept
    ]
    columns = (
        "build_id",
        "published",
        "as_of",
        "releases",
        "checks",
        "warnings",
        "size_bytes",
        "fingerprint",
    )
    rows = [tuple(record[column] for column in columns) for record in records]
    show_table("Builds", columns, rows, records if as_json else None)
    return 0


@cli.command()
@click.argument("build")
def rollback(build: str) -> int:
    """Publish BUILD, an earlier one, again."""
    restored = roll_back(build, _settings())
    out.print(f"Published build {restored.build_id} again.")
    return 0


@cli.command()
@json_option
def verify(as_json: bool) -> int:
    """Compare archive, builds and published file with the digests that were taken of them."""
    looked_at = list(verified(_settings()))
    damaged = [found for found in looked_at if found.problem is not None]
    if as_json:
        click.echo(json.dumps([asdict(found) for found in looked_at], indent=2))
    else:
        for found in damaged:
            err.print(f"damaged      {found.kind}: {found.problem}", soft_wrap=True, markup=False)
        counts = Counter(found.kind for found in looked_at)
        listed = ", ".join(f"{n} {kind}{'s' * (n != 1)}" for kind, n in counts.items())
        out.print(f"Looked at {listed or 'nothing'}: {len(damaged)} damaged.")
    return FAILED if damaged else 0


@cli.command()
@json_option
def status(as_json: bool) -> int:
    """One screen of health."""
    settings = _settings()
    archive = Archive(settings.archive)
    judgement = judge(archive)
    found, accepted, held = judgement.releases, judgement.accepted(), judgement.held()
    current = published_build(settings)
    last = all_builds(settings.builds)[-1:]
    up_to_date = current is not None and current.record.fingerprint == fingerprint(archive).digest
    health: dict[str, Any] = {
        "published": settings.published.exists(),
        "build": current.build_id if current else None,
        "age_hours": _age_hours(current),
        "up_to_date": up_to_date,
        "last_run": _last_run(last[0]) if last else "none",
        "releases": len(accepted),
        "held": len(held),
        "refused": len(found) - len(accepted) - len(held),
        "newest_publication": max((str(r.published_on) for r in found), default=None),
        "home": str(settings.home),
    }
    if as_json:
        click.echo(json.dumps(health, indent=2))
        return 0
    table = Table(title="Borderledger", show_header=False)
    for name, value in health.items():
        table.add_row(name.replace("_", " "), as_cell(value))
    out.print(table)
    return 0


@cli.command()
@click.option("--port", default=3000, show_default=True, help="Port on the loopback address.")
def ui(port: int) -> int:
    """Start Dagster's web server and daemon on the loopback address."""
    from orchestration.running import start_ui

    out.print(f"Dagster UI: http://127.0.0.1:{port} (stop with Ctrl+C)", soft_wrap=True)
    start_ui(_settings(), port)
    return 0


def _settings(landing: tuple[Path, ...] = (), offline: bool = False) -> Settings:
    plain = Settings.from_environment()
    return Settings(
        home=plain.home,
        landing=(*plain.landing, *(path.resolve() for path in landing)),
        offline=plain.offline or offline,
        limits=plain.limits,
    )


def _named_build(name: str) -> Build:
    settings = _settings()
    if name == "published":
        published = published_build(settings)
        if published is None:
            raise ConfigurationError("found no published build; run `borderledger nightly`")
        return published
    kept = [*all_builds(settings.builds), *all_builds(settings.rebuilds)]
    sealed = {build.build_id: build for build in kept if build.is_sealed}
    if name not in sealed:
        listed = ", ".join(sealed) or "none"
        raise ConfigurationError(f"found no sealed build {name!r}, expected one of: {listed}")
    return sealed[name]


def _age_hours(build: Build | None) -> float | None:
    if build is None:
        return None
    return round((datetime.now(UTC) - build.record.built_at).total_seconds() / 3600, 1)


def _last_run(build: Build) -> str:
    if build.is_sealed:
        return f"{build.build_id} succeeded"
    failed = sum(result.blocks for result in build.gate_results)
    return f"{build.build_id} did not finish" + (
        f": {failed} critical checks failed" if failed else ""
    )


def _fail_unforeseen(error: Exception) -> None:
    """An error of a library's: one line where the disk is to blame, or the system says why."""
    told = hindrance(str(error), _settings().home)
    if told is None and not isinstance(error, OSError):
        traceback.print_exception(error)
        told = f"an error that was not foreseen: {type(error).__name__}: {error}"
    _fail(told or error, FAILED)


def _fail(error: BaseException | str, code: int) -> None:
    err.print(f"borderledger: {error}", soft_wrap=True, markup=False)
    sys.exit(code)


if __name__ == "__main__":
    main()
