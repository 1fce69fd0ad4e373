"""The verdicts on the claims of the founding documents, as `borderledger claims` prints them."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.settings import DBT_PROJECT
from tests.conftest import run_command

SEED = DBT_PROJECT / "seeds" / "claims.csv"

# claim: value when stated, value now, verdict
VERDICTS = {
    "2019-aug-encounters": ("64006", "62707", "supported when stated, revised since"),
    "2019-may-encounters": ("144255", "144116", "contradicted"),
    "2019-drop-since-may": ("-55.63", "-56.49", "supported after rounding"),
    "2019-may-is-peak": (None, "2019-05", "supported"),
    "2019-three-declines": (None, "true", "supported"),
    "2017-may-encounters": ("19940", "19940", "supported"),
    "2017-spring-historic-low": (None, "true", "supported"),
    "2019-mexican-troops": (None, None, "not measurable"),
    "2024-nov-between-ports": ("46610", "46612", "supported after rounding"),
    "2024-nov-change": ("-17.55", "-17.54", "supported after rounding"),
    "2024-nov-lowest-since": ("2020-07", "2020-07", "supported"),
    "2024-nov-four-years": ("4", "4", "supported"),
    "2024-may-nov-drop": ("-60.47", "-60.47", "supported after rounding"),
    "2024-seven-month-decline": ("false", "false", "contradicted"),
    "2024-deported-jun-nov": ("240000", "240000", "supported"),
    "2024-deported-fy": ("700000", "700000", "supported"),
    "2024-deported-most-since-2010": ("FY2011", "FY2011", "contradicted"),
    "2024-ports-majority": (None, "2024-11", "supported"),
    "2024-sentenced-doubled": (None, None, "not measurable"),
    "2024-san-diego-street-releases": ("125000 to 155000", "125000 to 155000", "supported"),
}


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


def test_every_claim_of_the_seed_is_listed_as_it_was_stated(
    claims: dict[str, dict[str, Any]],
) -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        stated = {row["claim_id"]: (row["value"], row["stated_on"]) for row in csv.DictReader(file)}
    assert {k: (c["stated_value"], c["stated_on"]) for k, c in claims.items()} == stated
    assert len(stated) == 20


def test_all_verdicts_but_two_cite_releases(claims: dict[str, dict[str, Any]]) -> None:
    without = {claim_id for claim_id, claim in claims.items() if not claim["evidence"]}
    assert without == {"2019-mexican-troops", "2024-sentenced-doubled"}
    assert Counter(c["verdict"] for c in claims.values())["not measurable"] == 2


def test_the_value_when_stated_uses_only_releases_published_by_then(
    home: Path, claims: dict[str, dict[str, Any]]
) -> None:
    with duckdb.connect(str(home / "border.duckdb"), read_only=True) as connection:
        rows = connection.execute("select release_id, published_on from dim_release").fetchall()
    published = {release: day.isoformat() for release, day in rows}
    for claim in claims.values():
        assert set(claim["evidence_then"]) <= set(claim["evidence"]) <= set(published)
        for release in claim["evidence_then"]:
            assert published[release] <= claim["stated_on"], claim["claim_id"]
        assert bool(claim["evidence_then"]) or claim["value_then"] is None


def test_a_claim_is_explained_in_a_sentence(bundle_home: Path) -> None:
    revised = run_command(bundle_home, "claims", "2019-aug-encounters").stdout
    assert (
        "Southwest border encounters, all components, August 2019: "
        "64,006 as of 9 September 2019, 62,707 today." in revised
    )
    rose = run_command(bundle_home, "claims", "2024-seven-month-decline").stdout
    assert "August 2024 and October 2024 rose." in rose
    bound = run_command(bundle_home, "claims", "2024-deported-fy").stdout
    assert "the months known, to July 2024, add up to 674,890" in bound


def test_an_unknown_claim_and_a_home_without_a_published_file_are_errors(
    bundle_home: Path, tmp_path: Path
) -> None:
    unknown = run_command(bundle_home, "claims", "no-such-claim", expect=2)
    assert "found the claim 'no-such-claim', expected one of" in unknown.stderr
    empty = run_command(tmp_path, "claims", expect=2)
    assert "found no published file" in empty.stderr
