"""The tags by which assets can be found in Dagster's UI: stage, subject, publisher.

What belongs here: deriving them from an asset's name, so that a new dataset or model has them
without more to write.
"""

import re

import dagster as dg

from orchestration.catalogue.dataset import load_catalogue

PUBLISHERS = {"cbp": "CBP", "ice": "ICE", "ohss": "OHSS"}  # by the first word of a dataset's name
QUOTED = "quoted"  # of a dataset whose rows name their own sources
SUBJECTS = {  # the first that is found in an asset's name
    "claims": "claim|official_statements|^measures$|^figures_",
    "local-impact": "san_diego|street_releases|local_statements|jail_transfers",
    "asylum": "credible_fear|parole_processes",
    "custody": "custody|inadmissibles|book_outs|book_ins|to_detention|detention_(?!statistics)"
    "|_detention$",
    "deportations": "deportation|removal|repatriation|detention|compared_actions"
    "|ohss_monthly|declared_differences|administrative_arrests|int_ohss|ohss_figures"
    "|ohss_revisions|ohss_fiscal_years|ohss_tables",
    "encounters": "encounter|southwest|border_patrol|usbp|at_large|cut_comparison|demographic"
    "|compared_|revision_summary|dim_area",
    "reference": "dim_|citizenship|vocabulary",
}
OTHERWISE = "provenance"


def tags_of(key: dg.AssetKey, stage: str) -> dict[str, str]:
    """An asset's tags. A publisher is named only where the asset has one publisher's data.

    stage: the asset's group.
    """
    name = key.path[-1]
    tags = {"stage": stage, "subject": _subject(name)}
    dataset = name.removeprefix("stg_")
    if dataset in load_catalogue():
        tags["publisher"] = PUBLISHERS.get(dataset.partition("_")[0], QUOTED)
    return tags


def _subject(name: str) -> str:
    return next((s for s, words in SUBJECTS.items() if re.search(words, name)), OTHERWISE)
