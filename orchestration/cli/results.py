"""Commands about results: gates, claims."""

import json
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import groupby

import click

from orchestration.builds.build import all_builds
from orchestration.builds.gate_results import GateResult, counts_of
from orchestration.builds.reading import ClaimCheck, read_claims, read_evidence
from orchestration.cli.evidence import show_evidence
from orchestration.cli.options import json_option, settings_with
from orchestration.cli.output import say, say_below, say_json
from orchestration.cli.problems import show_failed_in_blocks
from orchestration.settings import ConfigurationError

NAMED = 5  # of the claims to choose from


@click.command()
@click.option("--all", "every", is_flag=True, help="Show every check, not only the failed ones.")
@json_option
def gates(every: bool, as_json: bool) -> int:
    """Show the failed checks of the last run."""
    builds = all_builds(settings_with().builds)
    results = builds[-1].gate_results if builds else []
    if as_json:
        click.echo(json.dumps([result.model_dump() for result in results], indent=2))
        return 0
    if every:
        _list_checks(results)
    show_failed_in_blocks(results)
    if builds:
        say(f"Build {builds[-1].build_id}: {counts_of(results)}.")
    else:
        say("No build has run yet.")
    return 0


def _list_checks(results: Sequence[GateResult]) -> None:
    """Print a line for each check, of at most 80 columns, below its table."""
    for table, of_table in groupby(results, lambda result: result.table):
        say(table)
        for result in of_table:
            say_below(f"{result.status:<14}  {result.severity:<8}  {result.check}")


@click.command()
@click.argument("claim_id", required=False)
@json_option
def claims(claim_id: str | None, as_json: bool) -> int:
    """List the claims with their verdicts, each with a sentence.

    With CLAIM_ID only that claim, with the releases that bear on it."""
    published = settings_with().published
    checked = read_claims(published)
    mine = [claim for claim in checked if claim_id in (None, claim.claim_id)]
    if not mine:
        ids = [claim.claim_id for claim in checked]
        near = get_close_matches(claim_id or "", ids, cutoff=0.4) or ids[:NAMED]
        raise ConfigurationError(
            f"found the claim {claim_id!r}, expected one such as {', '.join(near)}; `borderledger "
            "claims` lists them"
        )
    if as_json:
        say_json([claim.model_dump(mode="json") for claim in mine])
        return 0
    for claim in mine:
        _show_claim(claim)
        if claim_id is not None:
            show_evidence(claim.test, read_evidence(published, claim_id))
    if claim_id is None:
        counts = Counter(claim.verdict for claim in mine)
        say("; ".join(f"{number} {verdict}" for verdict, number in counts.most_common()))
    return 0


def _show_claim(claim: ClaimCheck) -> None:
    """Print a claim as a block of lines, whatever the width."""
    said = (claim.document, claim.outlet, claim.speaker, claim.stated_on, claim.url)
    say(f"{claim.claim_id}: {claim.verdict}")
    say_below(f'"{claim.claim}" ({", ".join(str(one) for one in said if one)})')
    say_below(claim.note)
