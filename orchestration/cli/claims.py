"""Commands that test what somebody has said: check, measures."""

from pathlib import Path

import click

from orchestration.builds.claim_files import read_claim_file
from orchestration.builds.reading import ClaimEvidence
from orchestration.claims.checking import Checked
from orchestration.claims.checking import check as check_claim
from orchestration.claims.claim import Claim, InvalidClaim
from orchestration.claims.files import claims_in
from orchestration.claims.questions import NOT_MEASURABLE, TESTS
from orchestration.claims.store import WHOLE, Measure, Store, open_store
from orchestration.claims.tables import CLAIMS
from orchestration.claims.verdicts import Verdict
from orchestration.cli.evidence import show_evidence
from orchestration.cli.interruption import insisting
from orchestration.cli.options import USAGE, json_option, settings_with
from orchestration.cli.output import report_errors, say, say_below, say_json
from orchestration.settings import ConfigurationError, Limits

PERIODS = (
    "2024-11, 2024-05/2024-11, FY2024, CY2024 or `FY2025 to date`; of a change two of them, as "
    "2024-10/2024-11 or `FY2024 to date/FY2025 to date`."
)
EITHER = (("highest", "lowest"), ("fiscal", "calendar"), ("rose", "fell"), ("above", "below"))


@click.command()
@click.option("--measure", help="What it is about: see `borderledger measures`.")
@click.option("--part", default="", help="A part of it, such as `sector=San Diego Sector`.")
@click.option("--period", default="", help=PERIODS)
@click.option("--test", "test", default="equals", show_default=True, help="How it is tested.")
@click.option("--value", default="", help="The number, month or year that was stated.")
@click.option(
    "--precision", default="", metavar="NUMBER", help="To what it was rounded, such as 10."
)
@click.option("--of", default="", help="The measure of the whole, for a share.")
@click.option(
    "--stated-on", default="", metavar="DAY", help="The day of the statement, such as 2024-12-20."
)
@click.option(
    "--file",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file with a claim in each row; its columns are named as these options.",
)
@json_option
def check(
    measure: str | None,
    file: Path | None,
    as_json: bool,
    **columns: str,
) -> int:
    """Test a statement against the published file.

    As of the day on which it was made, and as of today. Builds nothing."""
    if (measure is None) == (file is None):
        raise ConfigurationError("found both or none, expected one of --measure and --file")
    settings = settings_with()
    with insisting(), open_store(settings.published) as store:
        if file is None:
            claims = [Claim.of_row({"claim_id": "asked", "measure": measure, **columns})]
        else:
            claims = _claims_in(file, settings.limits)
        results = [check_claim(claim, store) for claim in claims]
    if file is None and results[0].verdict is Verdict.INVALID:
        raise ConfigurationError(results[0].sentence)
    if as_json:
        found = [result.model_dump(mode="json") for result in results]
        say_json(found if file else found[0])
    else:
        for result in results:
            _show(result, titled=file is not None)
    return USAGE if any(result.verdict is Verdict.INVALID for result in results) else 0


@click.command()
@click.argument("name", required=False)
@json_option
def measures(name: str | None, as_json: bool) -> int:
    """List what `check` can be asked about.

    With NAME, a measure or another name of one, only that measure, with all its parts."""
    with open_store(settings_with().published) as store:
        known = [store.measures[_named(name, store)]] if name else list(store.measures.values())
        other_names = {one.name: store.other_names(one.name) for one in known}
    if as_json:
        say_json([_record(one, other_names[one.name]) for one in known])
    elif name:
        _show_measure(known[0], other_names[known[0].name])
    else:
        for one in known:
            say(f"{one.name}, {_months(one)}")
            if parts := ", ".join(f"{of} ({len(labels)})" for of, labels in _parts(one).items()):
                say_below(f"parts: {parts}")
        say("`borderledger measures NAME` lists the parts and other names of one.")
        say("Tests, with a stroke between words of which one is used:")
        say_below(f"{', '.join(_tests())}.")
    return 0


def _named(name: str, store: Store) -> str:
    try:
        return store.named(name)
    except InvalidClaim as problem:
        raise ConfigurationError(str(problem)) from None


def _months(measure: Measure) -> str:
    return f"{measure.first:%Y-%m} to {measure.last:%Y-%m}"


def _parts(measure: Measure) -> dict[str, list[str]]:
    return {name: list(labels) for name, labels in measure.labels.items() if name != WHOLE}


def _record(measure: Measure, other_names: tuple[str, ...]) -> dict[str, object]:
    return {
        "measure": measure.name,
        "first_month": f"{measure.first:%Y-%m}",
        "last_month": f"{measure.last:%Y-%m}",
        "breakdowns": _parts(measure),
        "other_names": other_names,
    }


def _show_measure(measure: Measure, other_names: tuple[str, ...]) -> None:
    say(f"{measure.name}, {_months(measure)}")
    if other_names:
        say_below(f"other names: {'; '.join(other_names)}")
    if WHOLE not in measure.labels:
        say_below("no total: a part is needed")
    for name, labels in _parts(measure).items():
        say_below(f"{name}: {'; '.join(labels)}")


def _tests() -> list[str]:
    """The names of the tests; those that differ in one word only are one, as highest/lowest."""
    return list(dict.fromkeys(map(_either, [*TESTS, NOT_MEASURABLE])))


def _either(test: str) -> str:
    either = {word: "/".join(words) for words in EITHER for word in words}
    return " ".join(either.get(word, word) for word in test.split())


def _claims_in(file: Path, limits: Limits) -> list[Claim]:
    """The claims of a file. Warns of those that have an ID of the project's. Raises
    ConfigurationError, also if there are none: nothing would be checked."""
    try:
        claims = claims_in(read_claim_file(file, limits))
    except InvalidClaim as problem:
        raise ConfigurationError(f"{file}: {problem}") from None
    if not claims:
        raise ConfigurationError(f"{file}: found no claims, expected one in each row")
    projects = {claim.claim_id for claim in claims_in(read_claim_file(CLAIMS, Limits()))}
    if taken := [claim.claim_id for claim in claims if claim.claim_id in projects]:
        listed = ", ".join(taken)
        report_errors([f"{file}: found {listed}, expected IDs that no claim of the project has"])
    return claims


def _show(result: Checked, *, titled: bool) -> None:
    """Print a claim as a block of lines, whatever the width. titled: with its ID and words."""
    claim = result.claim
    if titled:
        say(f"{claim.claim_id}{f': {claim.claim}' if claim.claim else ''}")
    say(f"{result.verdict}")
    say_below(result.sentence)
    figures = [ClaimEvidence.model_validate(one.model_dump()) for one in result.evidence]
    show_evidence(claim.test, figures)
