"""The models on a database in memory: dbt's compiled SQL, for tests that build them many times,
or from a few releases only.

What belongs here: building the models without dbt. What they must hold is in the tests.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.builds.raw_tables import load_provenance, load_raw_dataset
from orchestration.catalogue.dataset import load_catalogue
from orchestration.releases.archive import Archive
from orchestration.releases.release import Release
from orchestration.review.result import Result
from orchestration.review.review import Review
from orchestration.settings import DBT_PROJECT

AS_OF = {  # the current table of each as-of macro
    "southwest_encounters_as_of": "fct_southwest_encounters",
    "encounters_as_of": "fct_encounters",
    "encounters_by_state_as_of": "fct_encounters_by_state",
    "southwest_border_monthly_as_of": "southwest_border_monthly",
    "deportations_as_of": "fct_deportations",
    "custody_outcomes_as_of": "fct_custody_outcomes",
    "custody_outcomes_by_family_status_as_of": "fct_custody_outcomes_by_family_status",
    "administrative_arrests_as_of": "fct_administrative_arrests",
    "ice_book_ins_as_of": "fct_ice_book_ins",
    "ice_book_outs_as_of": "fct_ice_book_outs",
    "credible_fear_as_of": "fct_credible_fear",
    "parole_processes_as_of": "fct_parole_processes",
    "repatriations_by_kind_as_of": "fct_repatriations_by_kind",
    "ohss_encounters_as_of": "fct_ohss_encounters",
    "detention_daily_population_as_of": "fct_detention_daily_population",
    "detention_length_of_stay_as_of": "fct_detention_length_of_stay",
    "detention_book_ins_as_of": "fct_detention_book_ins",
    "detention_book_outs_as_of": "fct_detention_book_outs",
    "detention_removals_as_of": "fct_detention_removals",
}
OTHERS = (  # years, series of days, and steps, which need no macro of their own
    "ohss_fiscal_years",
    "fct_detention_population",
    "fct_alternatives_to_detention",
    "ice_removals_between_releases",
)
REVISIONS = (
    "fct_encounter_revisions",
    "fct_deportation_revisions",
    "fct_custody_outcome_revisions",
    "fct_ohss_revisions",
    "fct_detention_revisions",
    "revision_summary",
)
STEPS_TO_REVISIONS = (
    "compared_months",
    "compared_sides",
    "compared_cells",
    "encounter_changes_by_month",
    "compared_actions",
    "compared_custody_outcomes",
    "compared_ohss_figures",
    "compared_detention",
)

Row = dict[str, Any]
Cell = tuple[Hashable, ...]


class Warehouse:
    """The models on a database in memory, rebuilt many times from a few raw tables."""

    def __init__(self, manifest: Path, datasets: Sequence[str], more: Sequence[str] = ()) -> None:
        """datasets: whose raw tables are to be filled. more: models besides those above."""
        nodes = json.loads(manifest.read_text())["nodes"]
        self.datasets = datasets
        self.models = _in_order(nodes, (*AS_OF, *AS_OF.values(), *REVISIONS, *OTHERS, *more))
        self._by_id = {model["unique_id"]: model for model in self.models}
        self.filled = _dependents(self.models, {f"source.borderledger.raw.{d}" for d in datasets})
        self.connection = duckdb.connect(config={"threads": 1})
        database = self.models[0]["database"]
        self.connection.execute(
            f"attach ':memory:' as {database}; use {database};"
            "create schema raw; create schema meta; create schema staging"
        )
        for name, node in nodes.items():
            if name.startswith("operation."):  # on-run-start
                self.connection.execute(node["compiled_code"])
        for seed in _seeds(nodes, self.models):
            path = DBT_PROJECT / seed["original_file_path"]
            self.connection.read_csv(str(path), header=True).create(
                f"{seed['schema']}.{seed['name']}"
            )
        with tempfile.TemporaryDirectory() as folder:
            self.load(Archive(Path(folder, "archive")), (), load_catalogue())
        self.build(self.models)

    def load(self, archive: Archive, releases: Iterable[Release], datasets: Iterable[str]) -> None:
        """Fill the raw tables from these releases. None is held: these tests are not about
        review."""
        accepted = Review.of([Result(key="", release=release) for release in releases])
        self.load_reviewed(archive, accepted, datasets)

    def load_reviewed(self, archive: Archive, reviewed: Review, datasets: Iterable[str]) -> None:
        """Fill the raw tables as a run does after this review."""
        catalogue = {name: load_catalogue()[name] for name in datasets}
        for dataset in catalogue.values():
            load_raw_dataset(self.connection, archive, dataset, reviewed)
        load_provenance(self.connection, reviewed, catalogue, archive.root.parent)

    def forget_since(self, day: date) -> None:
        """Delete the releases published on or after a day."""
        for dataset in self.datasets:
            self.connection.execute(
                f"delete from raw.{dataset} where release_id in"
                " (select release_id from meta.releases where published_on >= ?)",
                [day],
            )
        self.connection.execute("delete from meta.releases where published_on >= ?", [day])

    def build(self, models: Iterable[Row]) -> None:
        """Build these models. Staging models become tables, because others read them often."""
        for model in models:
            name, kind = f"{model['schema']}.{model['name']}", model["config"]["materialized"]
            if kind == "table_macro":
                parameters = ", ".join(model["config"]["parameters"])
                head = f"macro {name}({parameters}) as table"
            elif model["schema"] == "staging":
                head = f"table {name} as"
            else:
                head = f"{kind} {name} as"
            self.connection.execute(f"create or replace {head} {model['compiled_code']}")

    def build_filled(self, revisions: bool) -> None:
        """Rebuild the tables that depend on the filled raw tables; views and macros stay."""
        left_out = () if revisions else (*REVISIONS, *STEPS_TO_REVISIONS)
        self._rebuild(model for model in self.filled if model["name"] not in left_out)

    def build_tables(self, names: Iterable[str]) -> None:
        """Rebuild these tables, and those that they are made of, as far as they depend on the
        filled raw tables."""
        made_of = {model["name"] for model in _in_order(self._by_id, names)}
        self._rebuild(model for model in self.filled if model["name"] in made_of)

    def _rebuild(self, models: Iterable[Row]) -> None:
        self.build(
            model
            for model in models
            if model["schema"] == "staging" or model["config"]["materialized"] == "table"
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows that a query returns."""
        return self.connection.execute(query).fetchall()

    def rows(self, relation: str) -> list[Row]:
        found = self.connection.execute(f"from {relation}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def multiset(self, relation: str) -> Counter[Cell]:
        return Counter(tuple(row.items()) for row in self.rows(relation))


def _in_order(nodes: dict[str, Any], names: Iterable[str]) -> list[Row]:
    """The models that these depend on, each after the models that it reads."""
    ordered: dict[str, Row] = {}

    def visit(name: str) -> None:
        if name.startswith("model.") and name not in ordered:
            for needed in nodes[name]["depends_on"]["nodes"]:
                visit(needed)
            ordered[name] = nodes[name]

    for name in names:
        visit(f"model.borderledger.{name}")
    return list(ordered.values())


def _seeds(nodes: dict[str, Any], models: Iterable[Row]) -> list[Row]:
    """The seeds that these models read."""
    read = {needed for model in models for needed in model["depends_on"]["nodes"]}
    return [nodes[name] for name in sorted(read) if name.startswith("seed.")]


def _dependents(models: Iterable[Row], sources: set[str]) -> list[Row]:
    """`stg_releases` and the models that depend on a source, directly or not, in their order."""
    reached = {*sources}
    reading = []
    for model in models:
        if model["name"] == "stg_releases" or reached & set(model["depends_on"]["nodes"]):
            if model["name"] != "stg_releases":
                reached.add(model["unique_id"])
            reading.append(model)
    return reading
