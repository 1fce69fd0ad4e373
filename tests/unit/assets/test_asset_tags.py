"""Tags: each asset's stage, subject and publisher follow from its name."""

import dagster as dg
import pytest

from orchestration.assets.asset_tags import tags_of


@pytest.mark.parametrize(
    ("path", "stage", "tags"),
    [
        (
            ["archive", "cbp_southwest_encounters"],
            "archive",
            {"subject": "encounters", "publisher": "CBP"},
        ),
        (
            ["staging", "stg_ice_detention_statistics"],
            "staging",
            {"subject": "deportations", "publisher": "ICE"},
        ),
        (
            ["raw", "san_diego_street_releases"],
            "raw",
            {"subject": "local-impact", "publisher": "quoted"},
        ),
        (["fct_deportations"], "facts", {"subject": "deportations"}),
        (["fct_custody_outcomes"], "facts", {"subject": "custody"}),
        (["fct_inadmissibles_by_field_office"], "facts", {"subject": "custody"}),
        (["fct_credible_fear_by_release"], "facts", {"subject": "asylum"}),
        (["dim_month"], "facts", {"subject": "reference"}),
        (["measures"], "marts", {"subject": "claims"}),
        (["claim_checks"], "marts", {"subject": "claims"}),
        (["meta", "releases"], "meta", {"subject": "provenance"}),
    ],
)
def test_an_asset_has_the_tags_of_its_name(
    path: list[str], stage: str, tags: dict[str, str]
) -> None:
    assert tags_of(dg.AssetKey(path), stage) == {"stage": stage, **tags}
