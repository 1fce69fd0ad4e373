"""Commands that test what somebody has said: check, measures."""

import json
from datetime import datetime
from pathlib import Path

import click

from orchestration.builds.claim_files import read_claim_file
from orchestration.claims.checking import Checked
from orchestration.claims.checking import check as check_claim
from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.files import claims_in
from orchestration.claims.questions import NOT_MEASURABLE, TESTS
from orchestration.claims.store import WHOLE, open_store
from orchestration.claims.verdicts import Verdict
from orchestration.cli.options import USAGE, json_option, settings_with
from orchestration.cli.output import say, say_below, show_table
from orchestration.settings import ConfigurationError, Limits

EVIDENCE_SHOWN = 6


@click.command()
@click.option("--measure", help="What it is about: see `borderledger measures`.")
@click.option("--part", default="", help="A part of it, such as `sector=San Diego Sector`.")
@click.option("--period", default="", help="2024-11, 2024-05/2024-11, FY2024 or CY2024.")
@click.option("--test", "test", default="equals", show_default=True, help="How it is tested.")
@click.option("--value", default="", help="The number, month or year that was stated.")
@click.option("--precision", type=float, help="To what the number was rounded, such as 10.")
@click.option("--of", default="", help="The measure of the whole, for a share.")
@click.option("--stated-on", type=click.DateTime(["%Y-%m-%d"]), help="The day of the statement.")
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file with a claim in each row; its columns are named as these options.",
)
@json_option
def check(
    measure: str | None,
    part: str,
    period: str,
    test: str,
    value: str,
    precision: float | None,
    of: str,
    stated_on: datetime | None,
    file: Path | None,
    as_json: bool,
) -> int:
    """Test a statement against the published file.

    As of the day on which it was made, and as of today. Builds nothing."""
    if (measure is None) == (file is None):
        raise ConfigurationError("found both or none, expected one of --measure and --file")
    asked = Claim(
        claim_id="asked",
        measure=measure or "",
        part=part,
        period=period,
        test=test,
        value=value,
        precision=precision,
        of=of,
        stated_on=None if stated_on is None else stated_on.date(),
    )
    settings = settings_with()
    with open_store(settings.published) as store:
        claims = [asked] if file is None else _claims_in(file, settings.limits)
        results = [check_claim(claim, store) for claim in claims]
    if file is None and results[0].verdict is Verdict.INVALID:
        raise ConfigurationError(results[0].sentence)
    if as_json:
        found = [result.model_dump(mode="json") for result in results]
        click.echo(json.dumps(found if file else found[0], indent=2))
    else:
        for result in results:
            _show(result)
    return USAGE if any(result.verdict is Verdict.INVALID for result in results) else 0


@click.command()
@json_option
def measures(as_json: bool) -> int:
    """List what `check` can be asked about."""
    with open_store(settings_with().published) as store:
        known = list(store.measures.values())
    records = [
        {
            "measure": one.name,
            "first_month": f"{one.first:%Y-%m}",
            "last_month": f"{one.last:%Y-%m}",
            "breakdowns": {
                name: list(labels) for name, labels in one.labels.items() if name != WHOLE
            },
        }
        for one in known
    ]
    rows = [
        (one.name, f"{one.first:%Y-%m} to {one.last:%Y-%m}", _breakdowns(one.labels))
        for one in known
    ]
    show_table("Measures", ("measure", "months", "parts"), rows, records if as_json else None)
    if not as_json:
        say(f"Tests: {', '.join([*TESTS, NOT_MEASURABLE])}.")
    return 0


def _breakdowns(labels: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"{name} ({len(found)})" for name, found in labels.items() if name != WHOLE)


def _claims_in(file: Path, limits: Limits) -> list[Claim]:
    try:
        return claims_in(read_claim_file(file, limits))
    except InvalidClaim as problem:
        raise ConfigurationError(f"{file}: {problem}") from None


def _show(result: Checked) -> None:
    """Print a claim as a block of lines, whatever the width."""
    claim = result.claim
    if claim.claim_id != "asked":
        say(f"{claim.claim_id}{f': {claim.claim}' if claim.claim else ''}")
    say(f"{result.verdict}")
    say_below(result.sentence)
    cited = dict.fromkeys(
        f"{one.file_name}, {one.dataset}, published {one.published_on}: {one.url}"
        for one in result.evidence
        if one.vantage == "now" and one.role != "compared with"
    )
    for line in list(cited)[:EVIDENCE_SHOWN]:
        say_below(line)
    if len(cited) > EVIDENCE_SHOWN:
        say_below(f"and {len(cited) - EVIDENCE_SHOWN} more releases: `--json` lists them")
