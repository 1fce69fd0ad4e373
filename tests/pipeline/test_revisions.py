"""Revisions in the real releases, and the figures known on earlier dates."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.settings import BUNDLED
from tests.conftest import MORE_RELEASES, REAL_RELEASES
from tests.support.published_file import ask

PAIRS = """
    select earlier.file_name as earlier_file, later.file_name as later_file, revised.*
    from revision_summary as revised
    inner join dim_release as earlier on earlier.release_id = revised.earlier_release_id
    inner join dim_release as later on later.release_id = revised.later_release_id
"""


def names_in(*landing: Path) -> set[str]:
    """The names of the files in landing folders."""
    return {path.name for folder in landing for path in folder.glob("*/*/*.*")}


class TestRevisions:
    """What later releases changed."""

    @pytest.mark.parametrize(
        ("earlier", "later", "months", "changed", "new", "gone", "largest", "net"),
        [
            ("%-fy21-fy24-oct-state.csv", "%-fy21-fy24-nov-state.csv", 37, 76, 0, 2, 10, -84),
            ("%-fy20-fy23-state.csv", "%-fy21-fy24-nov-state.csv", 36, 0, 0, 0, 0, 0),
            ("%-fy21-fy24-oct-state.csv", "%-fy20-fy23-state.csv", 36, 0, 0, 0, 0, 0),
            ("sbo-%-fy19-fy22.csv", "sbo-%-fy22-fy25-nov.csv", 12, 254, 127, 127, 73_562, 0),
            ("%-fy20-fy23-aor.csv", "%-fy21-fy24-aor.csv", 36, 0, 0, 0, 0, 0),
        ],
    )
    def test_a_release_revised_the_known_cells(
        self,
        real_home: Path,
        earlier: str,
        later: str,
        months: int,
        changed: int,
        new: int,
        gone: int,
        largest: int,
        net: int,
    ) -> None:
        query = (
            "select count(*), sum(cells_changed), sum(cells_new), sum(cells_gone),"
            f" max(largest_change), sum(net_change) from ({PAIRS})"
            f" where earlier_file like '{earlier}' and later_file like '{later}'"
        )
        assert ask(real_home, query) == [(months, changed, new, gone, largest, net)]

    def test_two_cells_of_october_2023_were_withdrawn(self, real_home: Path) -> None:
        query = (
            "select kind, count(*), min(month), max(month) from fct_encounter_revisions"
            " where cut = 'state' group by kind order by kind"
        )
        october = date(2023, 10, 1)
        assert ask(real_home, query) == [
            ("revised", 74, october, october),
            ("withdrawn", 2, october, october),
        ]

    def test_border_patrols_title_42_rows_of_2022_were_relabelled(self, real_home: Path) -> None:
        query = (
            "select kind, component, title_of_authority, encounters_before is null as is_new,"
            " encounter_type, count(*) from fct_encounter_revisions"
            " where cut = 'southwest' and fiscal_year = 2022 group by all order by is_new"
        )
        moved = ("relabelled", "U.S. Border Patrol", "Title 42")
        assert ask(real_home, query) == [
            (*moved, False, "Apprehensions", 127),
            (*moved, True, "Expulsions", 127),
        ]
        query = (
            "select distinct net_change from revision_summary"
            " where cut = 'southwest' and fiscal_year = 2022"
        )
        assert ask(real_home, query) == [(0,)]

    def test_no_real_release_is_held(self, any_home: Path) -> None:
        """Of those that are archived by themselves; among more of them some are."""
        verdicts = ask(any_home, "select file_name, verdict from meta.releases")
        real = names_in(BUNDLED, REAL_RELEASES)
        assert {verdict for name, verdict in verdicts if name in real} == {"accepted"}
        assert {name for name, _ in verdicts} <= real | names_in(MORE_RELEASES)


class TestAsOf:
    """What was known on a date."""

    def test_no_release_is_used_before_it_was_published(self, any_home: Path) -> None:
        as_of = "southwest_border_monthly_as_of('2019-09-10')"
        query = (
            f"select max(month), count(*) filter (where published_on > '2019-09-10') from {as_of}"
            " inner join dim_release on release_id = between_ports_release_id"
        )
        [(newest, later)] = ask(any_home, query)
        assert newest < date(2019, 10, 1)
        assert later == 0

    @pytest.mark.parametrize(
        ("macro", "table"),
        [
            ("encounters_as_of", "fct_encounters"),
            ("encounters_by_state_as_of", "fct_encounters_by_state"),
            ("southwest_encounters_as_of", "fct_southwest_encounters"),
            ("southwest_border_monthly_as_of", "southwest_border_monthly"),
            ("deportations_as_of", "fct_deportations"),
            ("custody_outcomes_as_of", "fct_custody_outcomes"),
            ("custody_outcomes_by_family_status_as_of", "fct_custody_outcomes_by_family_status"),
        ],
    )
    def test_as_of_the_newest_release_equals_the_current_table(
        self, any_home: Path, macro: str, table: str
    ) -> None:
        [(newest,)] = ask(any_home, "select max(published_on) from dim_release")
        as_of = f"from {macro}('{newest}')"
        query = (
            f"select count(*) from (({as_of} except all from {table}) union all"
            f" (from {table} except all {as_of}))"
        )
        assert ask(any_home, query) == [(0,)]
        assert ask(any_home, f"select count(*) from {macro}('2001-01-01')") == [(0,)]
