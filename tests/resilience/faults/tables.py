"""Faults in the tables of a build: wrong models, lost rows, manual edits.

Each is inflicted on a copy of a published file, on which the suite of its table then runs.
"""

from orchestration.builds.gate_results import GateResult
from orchestration.gates.suites import load_suites
from orchestration.gates.validation import run_suites
from tests.resilience.faults.fault import Fault, Observed, Outcome, Sandbox
from tests.support.builds import EVERY_PART
from tests.support.published_copies import changed_copy


def _table_fault(
    name: str,
    about: str,
    table: str,
    check: str,
    mentions: tuple[str, ...],
    statement: str,
    home: str = "bundle",
    expected: Outcome = "gate failed",
) -> Fault:
    """A fault in one table. home: the home whose published file is copied."""

    def inflict(sandbox: Sandbox) -> Observed:
        database = changed_copy(sandbox.homes(home), sandbox.folder, statement)
        mine = [suite for suite in load_suites() if suite.table == table]
        return gate_outcome(run_suites(database, mine, EVERY_PART))

    return Fault(name, about, expected, f"{table}: {check}", mentions, inflict, home == "real")


def gate_outcome(results: list[GateResult]) -> Observed:
    """What the checks reported: those that failed, with their rows."""
    failed = [result for result in results if result.status == "failed"]
    if not failed:
        return Observed("missed", (), "")
    stops = any(result.blocks for result in failed)
    return Observed(
        "gate failed" if stops else "warning",
        tuple(f"{result.table}: {result.check}" for result in failed),
        "; ".join(f"{result.notes} {result.examples or ''}" for result in failed),
    )


TABLES = (
    _table_fault(
        "dataset left out of what is current",
        "A dataset that int_current_releases does not list.",
        "main.dim_release",
        "every_dataset_can_be_current",
        ("official_statements",),
        "update main.dim_release set is_current = null where dataset = 'official_statements'",
    ),
    _table_fault(
        "fact row twice",
        "A row of a fact is there twice.",
        "main.fct_encounters",
        "grain_is_unique",
        ("San Diego Sector",),
        "insert into main.fct_encounters from main.fct_encounters"
        " where area_of_responsibility = 'San Diego Sector' limit 1",
    ),
    _table_fault(
        "label out of the vocabulary",
        "A demographic that no vocabulary lists.",
        "main.fct_encounters",
        "demographic__be_in_set",
        ("Adults",),
        "update main.fct_encounters set demographic = 'Adults' where encounters = 11",
    ),
    _table_fault(
        "fact month missing",
        "A month of the southwest cut is gone.",
        "main.fct_southwest_encounters",
        "months_are_complete",
        ('"months": 97',),
        "delete from main.fct_southwest_encounters where month = '2022-03-01'",
    ),
    _table_fault(
        "components do not add up",
        "A total that is not the sum of its components.",
        "main.southwest_border_monthly",
        "components_add_up",
        ("2024-05-01",),
        "update main.southwest_border_monthly set total = total + 1 where month = '2024-05-01'",
    ),
    _table_fault(
        "cuts disagree",
        "Two cuts differ in a month, and nothing explains it.",
        "main.cut_comparison",
        "cuts_agree",
        (
            "2023-05-01",
            "unexplained",
        ),
        "update main.cut_comparison set agreement = 'unexplained' where month = '2023-05-01'",
    ),
    _table_fault(
        "two releases current",
        "Every release of a month is current: it counts twice.",
        "main.fct_southwest_encounters_by_release",
        "every_month_has_a_current_release",
        ('"current_releases": 2',),
        "update main.fct_southwest_encounters_by_release set is_current = true",
    ),
    _table_fault(
        "raw row lost",
        "A row of a release was not loaded.",
        "raw.cbp_southwest_summary",
        "every_release_is_loaded",
        ('"loaded": 491',),
        "delete from raw.cbp_southwest_summary where row_number = 7",
    ),
    _table_fault(
        "periods overlap",
        "A period reaches into the next: people count twice.",
        "main.fct_deportations",
        "periods_do_not_overlap",
        (
            "2024-05-01",
            "2024-06-01",
        ),
        "update main.fct_deportations set period_end = period_end + interval 1 day where "
        "action = 'removal' and period_start = '2024-05-01'",
    ),
    _table_fault(
        "year to date unmarked",
        "A year to date is published as a whole year.",
        "main.fct_deportations",
        "a_year_to_date_is_marked",
        ("2026-01-25",),
        "update main.fct_deportations set is_partial = false where fiscal_year = 2026",
    ),
    _table_fault(
        "releases of a month disagree",
        "Two releases of one month have different figures for an action.",
        "main.fct_deportations_by_release",
        "releases_of_one_month_agree",
        (
            "7000",
            "7010",
        ),
        "insert into meta.releases select * replace ('other' as release_id, "
        "'ohss_monthly_web_table' as dataset) from meta.releases where dataset = "
        "'ohss_repatriations_summary'; insert into "
        "main.fct_deportations_by_release select * replace (people + 10 as people, 'other' as "
        "release_id, false as is_current) from main.fct_deportations_by_release where "
        "period_start = '2024-07-01'",
    ),
    _table_fault(
        "series disagree",
        "Two publishers' series differ, and the difference is no longer declared.",
        "main.border_patrol_comparison",
        "series_agree",
        ("2020-07-01",),
        "update main.border_patrol_comparison set agreement = 'declared, and no longer there' "
        "where month = '2020-07-01'",
    ),
    _table_fault(
        "sector's month missing",
        "A month of the sectors is gone.",
        "main.fct_border_patrol_by_sector",
        "months_are_complete",
        ("San Diego Sector",),
        "delete from main.fct_border_patrol_by_sector where month = '2001-02-01'",
    ),
    _table_fault(
        "sum is not that of its actions",
        "A yearly figure that is not the sum of its actions.",
        "main.deportations_by_fiscal_year",
        "is_the_sum_of_its_actions",
        (
            "2023",
            "removals and enforcement returns",
        ),
        "update main.deportations_by_fiscal_year set people = people + 10 where fiscal_year = "
        "2023 and measure = 'removals and enforcement returns'",
    ),
    _table_fault(
        "statement beyond the encounters",
        "More people released than encountered.",
        "main.san_diego_local_impact",
        "no_statement_exceeds_the_encounters",
        ("450000",),
        "update main.fct_street_releases set people = 450000 where people = 136000",
    ),
    _table_fault(
        "detained people counted by one breakdown only",
        "A row of a workbook's snapshot is lost in one of its two breakdowns.",
        "main.fct_detention_population",
        "breakdowns_count_the_same_people",
        ("2026-01-25",),
        "delete from main.fct_detention_population where as_of_date = '2026-01-25'"
        " and criminality = 'Convicted Criminal'",
        home="real",
    ),
    _table_fault(
        "book-ins of a month to come",
        "A month that reads 0 in the workbook, as it has not begun, becomes a row.",
        "main.fct_detention_book_ins",
        "no_figure_is_of_the_future",
        ("2026-05-01",),
        "insert into main.fct_detention_book_ins select * replace (date '2026-05-01' as month)"
        " from main.fct_detention_book_ins where month = '2026-01-01' limit 1",
        home="real",
    ),
    _table_fault(
        "removals across a fiscal year's end",
        "The total of a new fiscal year is subtracted from that of the old one.",
        "main.ice_removals_between_releases",
        "within_a_fiscal_year",
        ("2024-09-30",),
        "insert into main.ice_removals_between_releases select 2025, '2024-09-30', '2024-12-01',"
        " 62, 20000, 322.6, null, min(release_id), max(release_id) from meta.releases"
        " where dataset = 'ice_detention_statistics'",
        home="real",
    ),
    _table_fault(
        "estimate beyond the encounters",
        "More people would have been released in San Diego than were encountered there.",
        "main.san_diego_local_impact",
        "estimates_are_within_the_bound",
        ("2024-05-01", "171000"),
        "update main.san_diego_local_impact set estimated_releases_high = 171000"
        " where month = '2024-05-01'",
    ),
    _table_fault(
        "families missing from San Diego",
        "The model leaves out a family status.",
        "main.san_diego_local_impact",
        "family_statuses_add_up",
        ("2024-05-01",),
        "update main.san_diego_local_impact set sector_families = 0 where month = '2024-05-01'",
    ),
    _table_fault(
        "month missing from a statement's window",
        "A statement is left out of a month that its window covers.",
        "main.san_diego_statements_by_month",
        "every_month_of_a_window_is_listed",
        ("136000",),
        "delete from main.san_diego_statements_by_month"
        " where people = 136000 and month = '2024-02-01'",
    ),
    _table_fault(
        "more requests denied than made",
        "Two columns of the transfers from jails are swapped.",
        "main.fct_jail_transfers_to_ice",
        "no_more_are_denied_than_asked",
        ("1236",),
        "update main.fct_jail_transfers_to_ice set notification_requests = 202,"
        " requests_denied = 1236 where calendar_year = 2024",
    ),
    _table_fault(
        "part of a year as a whole",
        "Two months of a fiscal year are shown as its total.",
        "main.southwest_border_by_fiscal_year",
        "partial_years_are_marked",
        ("2025",),
        "update main.southwest_border_by_fiscal_year set is_partial = false"
        " where fiscal_year = 2025",
    ),
    _table_fault(
        "month missing from a year",
        "A year's sum lacks a month that is known.",
        "main.southwest_border_by_fiscal_year",
        "years_are_the_sum_of_their_months",
        ("2024",),
        "update main.southwest_border_by_fiscal_year set encounters = encounters - 46612"
        " where fiscal_year = 2024 and series = 'between ports'",
    ),
    _table_fault(
        "open year shown as final",
        "Months that CBP still revises are shown as final.",
        "main.fct_southwest_encounters_by_release",
        "an_open_year_is_provisional",
        ("2025",),
        "update main.fct_southwest_encounters_by_release set is_provisional = false"
        " where fiscal_year = 2025",
    ),
    _table_fault(
        "month missing from an area's year",
        "A sector's year lacks a month that is known.",
        "main.encounters_by_area_by_fiscal_year",
        "years_are_the_sum_of_their_months",
        ("2024", "San Diego Sector"),
        "update main.encounters_by_area_by_fiscal_year set encounters = encounters - 26999"
        " where fiscal_year = 2024 and area_of_responsibility = 'San Diego Sector'",
    ),
    _table_fault(
        "gap shown as a record",
        "A month is called a record although an earlier one was as low.",
        "main.southwest_border_monthly",
        "a_missing_month_has_its_reason",
        ("2024-11-01", "between ports, lowest"),
        "update main.southwest_border_monthly set between_ports_lowest_since_status = 'record'"
        " where month = '2024-11-01'",
    ),
    _table_fault(
        "ten months of removals as a year",
        "DHS's year to date is shown as a year.",
        "main.deportations_by_fiscal_year",
        "months_are_those_of_the_year",
        ("2024", "removals"),
        "update main.deportations_by_fiscal_year set months_covered = 12"
        " where fiscal_year = 2024 and agency = 'DHS'",
    ),
    _table_fault(
        "share taken for people",
        "A share that doubled is read as 2 people.",
        "main.fct_official_statements",
        "only_people_are_people",
        ("share processed for expedited removal",),
        "update main.fct_official_statements set people = value",
    ),
    _table_fault(
        "statement without its page",
        "A statement that nobody can look up.",
        "main.measures",
        "every_statement_has_its_page",
        ("144266",),
        "update main.measures set source_url = null where lower_bound = 144266",
    ),
    _table_fault(
        "actions exceed the repatriations",
        "An action of a month has the people of two.",
        "main.measures",
        "breakdowns_are_the_whole",
        ("2024-05-01", "action"),
        "update main.measures set lower_bound = 2 * lower_bound, upper_bound = 2 * upper_bound"
        " where breakdown = 'action' and label = 'removal' and period_start = '2024-05-01'",
    ),
    _table_fault(
        "two releases on one day",
        "Two releases are current on one day.",
        "main.fct_encounters_by_release",
        "one_release_on_any_day",
        ("current_until",),
        "update main.fct_encounters_by_release set current_until = '2024-01-01' where "
        "current_until is not null",
    ),
    _table_fault(
        "two versions of a month on one day",
        "A version of the headline series stays after another has replaced it.",
        "main.southwest_border_monthly_history",
        "one_version_on_any_day",
        ("2024-05-01",),
        "update main.southwest_border_monthly_history set current_until = date '2100-01-01' where "
        "month = '2024-05-01'",
    ),
    _table_fault(
        "version with a figure of a later day",
        "A version of the headline series begins before its release was published.",
        "main.southwest_border_monthly_history",
        "figures_are_from_releases_of_their_day",
        ("2024-05-01",),
        "update main.southwest_border_monthly_history set current_from = current_from - 1000 where "
        "month = '2024-05-01' and current_from = (select min(current_from) from "
        "main.southwest_border_monthly_history where month = '2024-05-01')",
    ),
    _table_fault(
        "two names on one day",
        "A demographic has two names on one day.",
        "main.demographic_names_history",
        "one_name_on_any_day",
        ("2100-01-01",),
        "update main.demographic_names_history set current_until = date '2100-01-01' where "
        "name = 'FMUA'",
    ),
    _table_fault(
        "name that no release gives",
        "A demographic has a name that its newest release does not use.",
        "main.demographic_names_history",
        "is_the_name_of_the_newest_release",
        ("Families",),
        "update main.demographic_names_history set name = 'Families' where name = 'FMUA'",
    ),
    _table_fault(
        "dispositions counted twice",
        "A month of dispositions has the people of another release too.",
        "main.fct_custody_dispositions",
        "parts_do_not_exceed_their_total",
        ("2026-05-01", "10007"),
        "update main.fct_custody_dispositions set people = 2 * people where "
        "month = '2026-05-01' and component = 'U.S. Border Patrol'",
    ),
    _table_fault(
        "sectors exceed all custody",
        "A sector's average is a month's sum.",
        "main.fct_daily_custody",
        "parts_do_not_exceed_their_total",
        ("2026-05-01", "1294"),
        "update main.fct_daily_custody set people = 30 * people where "
        "month = '2026-05-01' and area_of_responsibility = 'San Diego Sector'",
    ),
    _table_fault(
        "field offices exceed their total",
        "A misprint of a field office is taken at its word.",
        "main.fct_inadmissibles_by_field_office",
        "parts_do_not_exceed_their_total",
        ("2024-04-01",),
        "update main.fct_inadmissibles_by_field_office set people = 242750, "
        "published_total = 50842 where month = '2024-04-01' and people = 24275",
    ),
    _table_fault(
        "capacity of a sector",
        "A capacity stands beside a sector, of which none is published.",
        "main.fct_daily_custody",
        "capacity_is_of_ports",
        ("San Diego Sector",),
        "update main.fct_daily_custody set capacity = 902 where "
        "area_of_responsibility = 'San Diego Sector'",
    ),
    _table_fault(
        "two pages on one day",
        "Two custody pages are current on one day.",
        "main.fct_inadmissibles_by_field_office_by_release",
        "one_release_on_any_day",
        ("current_until",),
        "update main.fct_inadmissibles_by_field_office_by_release set current_until = "
        "'2022-01-01' where current_until is not null",
    ),
    _table_fault(
        "month of custody without a current page",
        "No page is the current one of a month.",
        "main.fct_custody_dispositions_by_release",
        "every_month_has_a_current_release",
        ("2022-02-01",),
        "update main.fct_custody_dispositions_by_release set is_current = false where "
        "month = '2022-02-01'",
    ),
    _table_fault(
        "custody revised to another figure",
        "The last change of a figure does not lead to the current one.",
        "main.fct_custody_revisions",
        "revisions_lead_to_what_is_current",
        ("2022-02-01", "1577"),
        "update main.fct_custody_revisions set people_after = people_after + 1 where "
        "month = '2022-02-01' and people_after = 1577",
    ),
    _table_fault(
        "changes not listed",
        "A summary counts changes that no row lists.",
        "main.revision_summary",
        "every_change_is_listed",
        (
            "2023-05-01",
            '"listed": 0',
        ),
        "update main.revision_summary set cells_changed = 1, net_change = 1 where cut = "
        "'area' and month = '2023-05-01'",
    ),
    _table_fault(
        "changes do not lead to the later release",
        "The net change is not the difference of the releases.",
        "main.revision_summary",
        "revisions_lead_from_one_release_to_the_other",
        ("2018-06-01",),
        "update main.revision_summary set net_change = 0 where cut = 'southwest' and month = "
        "'2018-06-01'",
    ),
    _table_fault(
        "wrong kind of change",
        "A revision is labelled as an addition.",
        "main.fct_encounter_revisions",
        "before_and_after_match_the_kind",
        ("added",),
        "update main.fct_encounter_revisions set kind = 'added' where month = '2018-06-01'",
    ),
    _table_fault(
        "relabelling with people",
        "A relabelling changes a total.",
        "main.fct_encounter_revisions",
        "a_relabelling_leaves_the_total",
        ("-25",),
        "update main.fct_encounter_revisions set kind = 'relabelled' where month = '2018-06-01'",
    ),
    _table_fault(
        "deportations' changes not listed",
        "A summary counts changes that no row lists.",
        "main.fct_deportation_revisions",
        "every_change_is_listed",
        ("deportations, ICE",),
        "insert into main.revision_summary select * replace ('deportations, ICE' as cut, 1 as "
        "cells_changed) from main.revision_summary limit 1",
    ),
    _table_fault(
        "at-large parts do not add up",
        "Arrests at the border and at large are not the total.",
        "main.fct_at_large_by_release",
        "parts_add_up",
        ("2024-05-01",),
        "update main.fct_at_large_by_release set at_entry = 1 where month = '2024-05-01'",
    ),
    _table_fault(
        "rows beyond their envelope",
        "A month without rows.",
        "meta.row_envelopes",
        "rows_are_as_many_as_they_may_be",
        (
            "2023-05-01",
            '"rows": 0',
        ),
        "update meta.row_envelopes set rows = 0 where month = '2023-05-01'",
    ),
    _table_fault(
        "held cells of no held release",
        "Cells are listed whose release is not held.",
        "meta.held_cells",
        "their_release_is_held",
        ("aa79b015f3f4e8e9",),
        "insert into meta.held_cells select release_id, release_id, dataset, 'FY2024', 'c', "
        "1, 2, 1 from meta.releases limit 1",
    ),
    _table_fault(
        "correction that applies to nothing",
        "A correction that changes no row.",
        "meta.corrections",
        "every_correction_is_applied",
        ('"name": "c"',),
        "insert into meta.corrections (name, leave_out, rows) values ('c', true, 0)",
    ),
    _table_fault(
        "claim without a verdict",
        "A claim that was not checked.",
        "main.claim_checks",
        "keys_are_not_null",
        ("2019-aug-encounters",),
        "update main.claim_checks set verdict = null where claim_id = '2019-aug-encounters'",
    ),
    _table_fault(
        "claim by later evidence",
        "A claim is tested against what was published after it.",
        "main.claim_checks",
        "nothing_published_later_counts",
        ("2019-aug-encounters",),
        "update main.claim_checks set evidence_then = evidence where claim_id = "
        "'2019-aug-encounters'",
    ),
    _table_fault(
        "verdict without evidence",
        "A verdict that names no release.",
        "main.claim_checks",
        "every_verdict_has_evidence",
        ("2019-aug-encounters",),
        "update main.claim_checks set evidence = [] where claim_id = '2019-aug-encounters'",
    ),
    _table_fault(
        "citizenships do not add up",
        "A citizenship counts more than its total allows.",
        "main.fct_deportations_by_citizenship",
        "parts_add_up",
        ("parts",),
        "update main.fct_deportations_by_citizenship set people = people + 500 where "
        "citizenship = 'MEXICO' and period_start = '2024-07-01'",
        home="real",
    ),
    _table_fault(
        "total among the outcomes of custody",
        "A total is beside its parts: everybody counts twice.",
        "main.fct_custody_outcomes",
        "no_total_is_an_outcome",
        ("2024-07-01", "total"),
        "insert into main.fct_custody_outcomes select * replace ('total' as outcome) from "
        "main.fct_custody_outcomes where month = '2024-07-01' and outcome = 'release'",
        home="real",
    ),
    _table_fault(
        "outcome of custody from another release",
        "One outcome of a month is from another release than the others.",
        "main.fct_custody_outcomes",
        "one_release_a_month",
        ("2024-07-01",),
        "update main.fct_custody_outcomes set release_id = (select release_id from "
        "main.fct_custody_outcomes_by_family_status limit 1) where month = '2024-07-01' and "
        "outcome = 'release'",
        home="real",
    ),
    _table_fault(
        "month of custody missing",
        "A month of the outcomes is gone.",
        "main.fct_custody_outcomes",
        "months_are_complete",
        ('"months": 129',),
        "delete from main.fct_custody_outcomes where month = '2023-12-01'",
        home="real",
    ),
    _table_fault(
        "workbook and web table disagree on custody",
        "Two releases of one month have different figures for an outcome.",
        "main.fct_custody_outcomes_by_release",
        "releases_of_one_month_agree",
        ("12410", "12420"),
        "update main.fct_custody_outcomes_by_release set people = people + 10 where month = "
        "'2024-07-01' and outcome = 'release' and not is_current",
        home="real",
    ),
    _table_fault(
        "open year of custody taken for a closed one",
        "Months of an open fiscal year are published as settled.",
        "main.fct_custody_outcomes_by_release",
        "an_open_year_is_provisional",
        ("2024",),
        "update main.fct_custody_outcomes_by_release set is_provisional = false",
        home="real",
    ),
    _table_fault(
        "two releases of custody current",
        "A month of custody is current from two releases: it counts twice.",
        "main.fct_custody_outcomes_by_release",
        "every_month_has_a_current_release",
        ('"current_releases": 2',),
        "update main.fct_custody_outcomes_by_release set is_current = true where month = ("
        " select max(month) from (select month from main.fct_custody_outcomes_by_release"
        " group by month having count(distinct release_id) = 2))",
        home="real",
    ),
    _table_fault(
        "families exceed the agencies",
        "An outcome has more people by family status than by agency.",
        "main.fct_custody_outcomes_by_family_status_by_release",
        "no_more_than_by_agency",
        ("2024-07-01", "release"),
        "update main.fct_custody_outcomes_by_family_status_by_release set people = people + 100 "
        "where month = '2024-07-01' and outcome = 'release'",
        home="real",
    ),
    _table_fault(
        "family status that nobody lists",
        "A family status is under another name.",
        "main.fct_custody_outcomes_by_family_status",
        "family_status__be_in_set",
        ("Adults",),
        "update main.fct_custody_outcomes_by_family_status set family_status = 'Adults' where "
        "family_status = 'Single Adults'",
        home="real",
    ),
    _table_fault(
        "changes of custody not listed",
        "A summary counts changes that no row lists.",
        "main.fct_custody_outcome_revisions",
        "every_change_is_listed",
        ("custody outcomes by agency", '"listed": 0'),
        "update main.revision_summary set cells_changed = 1 where cut = 'custody outcomes by "
        "agency' and month = '2024-07-01'",
        home="real",
    ),
    _table_fault(
        "cell of the newest month ten times",
        "A digit too many in the newest month, which no other release covers.",
        "main.fct_southwest_encounters",
        "newest_cells_are_in_range",
        ("2024-11-01", "Office of Field Operations", "207680"),
        "update main.fct_southwest_encounters set encounters = encounters * 10"
        " where month = '2024-11-01' and component = 'Office of Field Operations'"
        " and demographic = 'FMUA'",
        expected="warning",
    ),
    _table_fault(
        "column without values",
        "A join found nothing: a column of a dimension is empty.",
        "main.dim_area",
        "columns_have_values",
        ("component",),
        "update main.dim_area set component = null",
    ),
    _table_fault(
        "key without values",
        "The release of every row is lost.",
        "main.fct_encounters",
        "keys_are_not_null",
        ("release_id",),
        "update main.fct_encounters set release_id = null",
    ),
    _table_fault(
        "table without rows",
        "A filter that removes every row.",
        "main.southwest_border_monthly",
        "row_count_to_be_between",
        (),
        "delete from main.southwest_border_monthly",
    ),
    _table_fault(
        "negative people",
        "A subtraction that went below zero.",
        "main.fct_encounters",
        "encounters__be_between",
        ("-1",),
        "update main.fct_encounters set encounters = -1 where month = '2024-05-01'",
    ),
)
