"""The verdicts on the claims of the founding documents, as `borderledger claims` prints them."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.builds.reading import read_claims
from orchestration.claims.tables import CLAIMS
from tests.conftest import run_command
from tests.pipeline.claims_table import PAGE, page_of

# claim: value when stated, value now, verdict
VERDICTS = {
    "2019-aug-encounters": ("64006", "62707", "supported when stated, revised since"),
    "2019-aug-apprehensions": (None, "50684", "right number, wrong measure"),
    "2019-may-encounters": ("144255", "144116", "nearly right"),
    "2019-drop-since-may": ("-55.63", "-56.49", "supported after rounding"),
    "2019-may-is-peak": (None, "true", "supported"),
    "2019-three-declines": (None, "true", "supported"),
    "2017-may-encounters": ("14519", "14519", "right number, wrong measure"),
    "2017-spring-historic-low": (None, "2026-08", "supported when stated, revised since"),
    "2019-mexican-troops": (None, None, "not measurable"),
    "2024-nov-between-ports": ("46610", "46612", "supported after rounding"),
    "2024-nov-change": ("-17.56 to -17.53", "-17.54", "supported after rounding"),
    "2024-nov-lowest-since": ("true", "true", "supported"),
    "2024-nov-four-years": ("true", "true", "supported"),
    "2024-may-nov-drop": ("-60.5", "-60.47", "supported after rounding"),
    "2024-seven-month-decline": ("false", "false", "contradicted"),
    "2024-deported-jun-nov": ("at least 109570", "at least 109570", "only stated"),
    "2024-deported-fy": ("at least 674740", "at least 674740", "only stated"),
    "2024-deported-most-since-2010": ("at least 674740", "at least 674740", "undecided"),
    "2024-record-numbers": (None, "324200 to 324320", "undecided"),
    "2024-sentenced-doubled": (None, None, "not measurable"),
    "2024-san-diego-street-releases": (None, None, "only stated"),
}
# these depend on which months are in the archive
SHARES = ("2024-ports-majority", "2024-ports-first-ever")


def claims_of(home: Path) -> dict[str, dict[str, Any]]:
    claims = json.loads(run_command(home, "claims", "--json").stdout)
    return {claim["claim_id"]: claim for claim in claims}


@pytest.fixture(scope="module", params=["bundle_home", "real_home"])
def home(request: pytest.FixtureRequest) -> Path:
    """The bundle's home, then the home of the real releases."""
    found: Path = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def claims(home: Path) -> dict[str, dict[str, Any]]:
    return claims_of(home)


@pytest.mark.parametrize("claim_id", VERDICTS)
def test_the_values_and_verdict_of_a_claim(
    claims: dict[str, dict[str, Any]], claim_id: str
) -> None:
    claim = claims[claim_id]
    assert (claim["value_then"], claim["value_now"], claim["verdict"]) == VERDICTS[claim_id]


def test_the_first_month_with_most_encounters_at_ports_needs_the_months_before(
    bundle_home: Path, real_home: Path
) -> None:
    """The bundle lacks the ports' figures of fiscal year 2018, which OHSS's workbooks have."""
    of_bundle, of_real = claims_of(bundle_home), claims_of(real_home)
    verdicts = [[found[one]["verdict"] for one in SHARES] for found in (of_bundle, of_real)]
    assert verdicts == [["undecided", "undecided"], ["supported", "undecided"]]


def test_every_claim_is_listed_as_it_was_stated(
    claims: dict[str, dict[str, Any]],
) -> None:
    with CLAIMS.open(encoding="utf-8", newline="") as file:
        stated = {row["claim_id"]: (row["value"], row["stated_on"]) for row in csv.DictReader(file)}
    assert {k: (c["stated_value"], c["stated_on"]) for k, c in claims.items()} == stated
    assert len(stated) == 23


def test_every_figure_of_the_evidence_names_a_release_and_where_it_is_from(home: Path) -> None:
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        without = connection.execute(
            "select claim_id from claim_checks where len(evidence) = 0 order by claim_id"
        ).fetchall()
        nameless = connection.execute(
            "select claim_id from claim_evidence as evidence"
            " left join dim_release as release on release.release_id = evidence.release_id"
            " where release.release_id is null or evidence.source = ''"
            " or evidence.publisher <> release.publisher"
            " or not regexp_full_match(evidence.url, 'https?://.+')"
        ).fetchall()
    assert without == [("2019-mexican-troops",), ("2024-sentenced-doubled",)]
    assert nameless == []


def test_a_statement_is_read_on_its_own_page(bundle_home: Path) -> None:
    with duckdb.connect(str(bundle_home / "border.duckdb"), read_only=True) as connection:
        pages = connection.execute(
            "select distinct evidence.url from claim_evidence as evidence"
            " inner join fct_official_statements as stated on stated.source_url = evidence.url"
            " where claim_id = '2024-deported-fy'"
        ).fetchall()
    assert len(pages) == 1


def test_a_claim_is_quoted_in_under_25_words() -> None:
    with CLAIMS.open(encoding="utf-8", newline="") as file:
        claims = [row["claim"] for row in csv.DictReader(file)]
    assert [claim for claim in claims if len(claim.split()) >= 25] == []


def test_numbers_and_months_are_numbers_and_months_beside_the_text(bundle_home: Path) -> None:
    claims = claims_of(bundle_home)
    august, spring = claims["2019-aug-encounters"], claims["2017-spring-historic-low"]
    assert (august["lower_then"], august["lower_now"], august["month_now"]) == (64006, 62707, None)
    assert (spring["lower_now"], spring["month_now"]) == (None, "2026-08-01")


def test_the_value_when_stated_uses_only_what_was_published_by_then(
    home: Path, claims: dict[str, dict[str, Any]]
) -> None:
    """A transcription may be newer than the statements in it, which count from their own day."""
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        releases = {
            row[0] for row in connection.execute("select release_id from dim_release").fetchall()
        }
        then = connection.execute(
            "select claim_id, evidence.published_on, releases.published_on, releases.dataset"
            " from claim_evidence as evidence inner join dim_release as releases using (release_id)"
            " where vantage = 'then'"
        ).fetchall()
    assert then
    for claim_id, published_on, released_on, dataset in then:
        stated_on = date.fromisoformat(claims[claim_id]["stated_on"])
        assert published_on <= stated_on, claim_id
        assert released_on <= stated_on or dataset == "local_statements", claim_id
    for claim in claims.values():
        assert set(claim["evidence_then"]) <= set(claim["evidence"]) <= releases
        assert bool(claim["evidence_then"]) or claim["value_then"] is None


def test_a_claim_is_explained_in_a_sentence(bundle_home: Path) -> None:
    revised = run_command(bundle_home, "claims", "2019-aug-encounters").stdout
    assert (
        "Southwest encounters in August 2019 were 64,006 as published by 9 September 2019, "
        "and 62,707 by today's figures." in revised
    )
    rose = run_command(bundle_home, "claims", "2024-seven-month-decline").stdout
    assert "did not fall in August 2024 and October 2024." in rose
    bound = run_command(bundle_home, "claims", "2024-deported-fy").stdout
    assert "(674,890 from October 2023 to July 2024, the only part known)" in bound
    assert "Officials stated more than 700,000 (22 October 2024); no published count" in bound


def test_a_claim_names_the_files_that_bear_on_it_and_where_they_are(bundle_home: Path) -> None:
    change = run_command(bundle_home, "claims", "2024-nov-change").stdout
    assert (
        "  cbp_southwest_monthly_published_2024-12.csv, cbp_southwest_summary, "
        "published 2024-12: https://www.cbp.gov/document/stats/southwest-land-border-encounters\n"
        in change
    )
    assert "  compared with, as published then: official_statements_published_2024-11" in change
    stated = run_command(bundle_home, "claims", "2024-deported-fy").stdout
    assert "  statement: official_statements_published_2024-10-22.csv, " in stated


def test_verdicts_are_counted_with_semicolons_as_one_has_a_comma(bundle_home: Path) -> None:
    counted = run_command(bundle_home, "claims").stdout.splitlines()[-1]
    assert "; 2 supported when stated, revised since; " in counted


def test_an_unknown_claim_and_a_home_without_a_published_file_are_errors(
    bundle_home: Path, tmp_path: Path
) -> None:
    unknown = run_command(bundle_home, "claims", "no-such-claim", expect=2)
    assert "found the claim 'no-such-claim', expected one such as" in unknown.stderr
    empty = run_command(tmp_path, "claims", expect=2)
    assert "found no published file" in empty.stderr


def test_the_page_of_claims_is_what_a_build_of_the_bundle_says(bundle_home: Path) -> None:
    page = page_of(read_claims(bundle_home / "border.duckdb"))
    assert page == PAGE.read_text(encoding="utf-8")
