"""The models within the memory that a build takes, on more releases than the agencies have
published so far. The figures are made up."""

import json
import shutil
from pathlib import Path

import pytest

from orchestration.builds.connection import connected

RELEASES, TABLES, LABELS, MONTHS = 24, 3, 300, 130
REVISED = 13  # months in which a release revises one figure of each table

# one release a month, of which each has every month; letters, as digits are no citizenship
FIGURES = f"""
insert into raw.ohss_monthly_tables by name
select
  'release ' || r as release_id,
  ['ero_arrests_by_citizenship', 'ice_book_ins_by_citizenship', 'credible_fear_referrals'][t + 1]
    as table_name,
  translate('country ' || l, '0123456789', 'abcdefghij') as label,
  '' as series,
  strftime(date '2013-10-01' + to_months(m::integer), '%Y-%m-%d') as month_start,
  (case when l = 0 and m < {REVISED} then 10 * r else 10 * l end)::varchar as figure
from range({RELEASES}) as releases (r), range({TABLES}) as tables (t),
  range({LABELS}) as labels (l), range({MONTHS}) as months (m)
"""
PROVENANCE = f"""
insert into meta.releases by name
select
  'release ' || r as release_id, 'ohss_monthly_tables' as dataset, 'accepted' as verdict,
  date '2024-01-15' + to_months(r::integer) as published_on, date '2024-07-01' as last_month,
  -1 as repost
from range({RELEASES}) as releases (r)
"""
MODELS = ("int_ohss_figures", "int_ohss_by_release", "compared_ohss_figures", "fct_ohss_revisions")


@pytest.mark.long
def test_two_years_of_ohss_workbooks_are_compared_within_the_limit(
    empty_build: Path, tmp_path: Path
) -> None:
    database = tmp_path / "border.duckdb"
    shutil.copyfile(empty_build / "border.duckdb", database)
    compiled = json.loads((empty_build / "compiled.json").read_text())["nodes"]
    with connected(database) as connection:
        connection.execute(FIGURES)
        connection.execute(PROVENANCE)
    with connected(database) as connection:  # whose limit is for so many rows
        for name in MODELS:
            node = compiled[f"model.borderledger.{name}"]
            kind = node["config"]["materialized"]
            connection.execute(
                f"create or replace {kind} {node['schema']}.{name} as {node['compiled_code']}"
            )
        found = connection.execute(
            "select kind, count(*), min(difference), max(difference)"
            " from main.fct_ohss_revisions group by kind"
        ).fetchall()
    assert found == [("revised", (RELEASES - 1) * TABLES * REVISED, 10, 10)]
