"""How assets are called: keys, groups, owners.

What belongs here: names that several modules of assets and checks share.
"""

from urllib.parse import urlsplit

import dagster as dg

from orchestration.catalogue.dataset import Dataset

OWNERS = ["team:borderledger"]
PUBLISHED = dg.AssetKey("border_duckdb")
BUILD = dg.AssetKey("build")
SEALED = dg.AssetKey("sealed_build")
REPORT = dg.AssetKey("report")
LAKE = dg.AssetKey("lake")
SOURCES = "sources"  # the first part of the keys of all sources
LANDING = dg.AssetKey([SOURCES, "landing"])
BUNDLED = dg.AssetKey([SOURCES, "bundled"])
# a source is looked at anew each night; what it brought is in the versions of the archives
SOURCE_VERSION = "looked at"


def archive_key(dataset: str) -> dg.AssetKey:
    return dg.AssetKey(["archive", dataset])


def source_key(dataset: Dataset) -> dg.AssetKey:
    """The asset of the place where a dataset's releases are looked for, besides landing folders:
    the bundle, or a publisher's host by its name, such as `sources/cbp`."""
    if dataset.bundled:
        return BUNDLED
    host = urlsplit(dataset.landing_page).hostname or dataset.name
    return dg.AssetKey([SOURCES, host.removeprefix("www.").partition(".")[0]])


def releases_of(dataset: str) -> dg.DynamicPartitionsDefinition:
    """The partitions of a dataset's archive: one per release, by the name of its folder."""
    return dg.DynamicPartitionsDefinition(name=f"releases_of_{dataset}")
