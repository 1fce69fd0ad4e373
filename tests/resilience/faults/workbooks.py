"""Faults in workbooks, and in figures that two datasets publish: OHSS's tables and ICE's
detention statistics."""

from collections.abc import Callable
from dataclasses import replace

from tests.resilience.faults.fault import Fault, Observed, Outcome, Sandbox
from tests.resilience.faults.faulty_releases import File, take_in
from tests.support.landing_folders import ICE, write_ice_case
from tests.support.workbooks import (
    APPOINTMENTS,
    ARRESTS,
    BY_SECTOR,
    CITIZENSHIP,
    DETENTION,
    KEY_METRICS,
    METRICS_NAME,
    MONTHLY_TABLES,
    REPATS,
    TABLES_NAME,
    MadeSheet,
    MadeWorkbook,
    appointments,
    arrests,
    book_outs,
    detention,
    footnotes,
    key_metrics,
    monthly_tables,
    packed,
    parts_of,
)

SPLIT, SPLIT_NAME = "cbp_at_large_split", "cbp_usbp_southwest_at_large_split.csv"
SUMMARY, SUMMARY_NAME = (
    "ohss_repatriations_summary",
    "ohss_repatriations_monthly_published_2024-01.csv",
)
SCHEMA = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE b [<!ENTITY a "a">]><b>&a;</b>'


def _ohss(
    name: str,
    about: str,
    expected: Outcome,
    check: str | None,
    mentions: tuple[str, ...],
    change: Callable[[MadeWorkbook], MadeWorkbook],
) -> Fault:
    """A fault in OHSS's monthly tables; one that is not refused follows a sound release."""

    def inflict(sandbox: Sandbox) -> Observed:
        sound, faulty = monthly_tables(), change(monthly_tables())
        files = [File(sound.bytes(), "2024-02-09", TABLES_NAME, MONTHLY_TABLES)]
        files *= expected != "refused"
        return take_in(
            sandbox, *files, File(faulty.bytes(), "2024-03", TABLES_NAME, MONTHLY_TABLES)
        )

    return Fault(name, about, expected, check, mentions, inflict)


def _files(
    name: str,
    about: str,
    expected: Outcome,
    check: str,
    mentions: tuple[str, ...],
    *files: File,
    beside: tuple[str, ...] = (),
) -> Fault:
    """A fault in the last of these files."""

    def inflict(sandbox: Sandbox) -> Observed:
        return take_in(sandbox, *files, beside=beside)

    return Fault(name, about, expected, check, mentions, inflict)


def _ice(
    sheet: MadeSheet,
    published: str,
    through: str,
    name: str = "FY24_detentionStats.xlsx",
) -> File:
    return File(MadeWorkbook((sheet, footnotes(through))).bytes(), published, name, DETENTION)


def _unsafe(workbook: MadeWorkbook) -> bytes:
    parts = parts_of(workbook.bytes())
    return packed(parts | {"customXml/item1.xml": SCHEMA.encode("utf-16")})


def _with_removals(sheet: MadeSheet, value: str) -> MadeSheet:
    return sheet.with_cell("N18", value)


def _ice_case(sandbox: Sandbox) -> Observed:
    """271,484 removals of a closed year become 109,535, as in June 2025."""
    files = (
        File(path.read_bytes(), path.parent.name, path.name, ICE)
        for path in write_ice_case(sandbox.folder / "ice")
    )
    return take_in(sandbox, *files)


def _noted(
    name: str,
    about: str,
    mentions: tuple[str, ...],
    change: Callable[[MadeWorkbook], MadeWorkbook],
) -> Fault:
    """A heading of an optional table that nobody knows: the release counts, and a note says which
    table the facts leave out."""

    def inflict(sandbox: Sandbox) -> Observed:
        content = change(monthly_tables()).bytes()
        observed = take_in(sandbox, File(content, "2024-02-09", TABLES_NAME, MONTHLY_TABLES))
        [release] = sandbox.archive.releases()
        notes = [note for note in release.notes if "leave out this table" in note]
        if observed.outcome != "archived" or not notes:
            return observed
        return Observed("warning", ("columns_are_known",), "; ".join(notes))

    return Fault(name, about, "warning", "columns_are_known", mentions, inflict)


OHSS_FAULTS = (
    _noted(
        "kind of conviction renamed",
        "The felons are under a heading that nobody knows.",
        (ARRESTS, "row 4, column E", "found 'Violent Felons', expected one of", "felons"),
        lambda w: w.plus(arrests().with_cell("E4", "Violent Felons1"), appointments()),
    ),
    _noted(
        "subtotal among citizenships",
        "A column of several citizenships would count their people twice.",
        (APPOINTMENTS, "column E", "found 'Total Asia', expected one of"),
        lambda w: w.plus(appointments().with_cell("E3", "Total Asia"), arrests()),
    ),
    _noted(
        "citizenship twice",
        "Two columns have one heading: nobody knows whose people they count.",
        (APPOINTMENTS, "found a second column 'Cuba'", "expected only column D"),
        lambda w: w.plus(appointments().with_cell("E3", "Cuba")),
    ),
    _ohss(
        "conviction of arrested people misread",
        "A figure of one kind of conviction was misread: the other tables are published.",
        "held in part",
        "parts_add_up",
        ("ero_arrests_by_criminality", "the sum of the convictions"),
        lambda w: w.plus(arrests().with_cell("E19", 400)),
    ),
    _ohss(
        "table of a workbook gone",
        "The sheet of repatriations is missing.",
        "refused",
        "tables_are_found",
        ("found no sheet with a table titled",),
        lambda w: w.without(REPATS),
    ),
    _ohss(
        "table of a workbook twice",
        "The sheet of repatriations is there twice.",
        "refused",
        "tables_are_found",
        ("found a second table titled",),
        lambda w: w.plus(replace(next(s for s in w.sheets if s.name == REPATS), name="Copy")),
    ),
    _ohss(
        "month of a workbook misspelled",
        "The name of a month with a typo.",
        "refused",
        "tables_keep_their_layout",
        ("found 'Novembre', expected a month or Total",),
        lambda w: w.changed(REPATS, lambda sheet: sheet.with_text("November", "Novembre")),
    ),
    _ohss(
        "month of a workbook gone",
        "A row of a sheet was deleted.",
        "refused",
        "months_are_complete",
        ("expected month by month",),
        lambda w: w.changed(REPATS, lambda sheet: sheet.without_row(8)),
    ),
    _ohss(
        "heading of a workbook renamed",
        "The removals are under another heading.",
        "refused",
        "columns_are_known",
        ("found no column",),
        lambda w: w.changed(REPATS, lambda sheet: sheet.with_text("Total Removals", "Everybody")),
    ),
    _ohss(
        "outcome of custody renamed",
        "The releases from custody are under a heading that nobody knows: the table is left out.",
        "warning",
        None,
        ("found 'USBP Discharges', expected one of", "usbp releases"),
        lambda w: w.plus(book_outs().with_text("USBP Releases6", "USBP Discharges6")),
    ),
    _ohss(
        "outcome of custody misread",
        "A figure of one outcome was misread: the other tables are published.",
        "held in part",
        "parts_add_up",
        ("southwest_book_outs_by_agency", "the sum of the outcomes"),
        lambda w: w.plus(book_outs().with_cell("I6", 1300)),
    ),
    _ohss(
        "actions of a workbook do not add up",
        "A figure of one action was misread.",
        "held",
        "parts_add_up",
        ("october", "the sum of the actions"),
        lambda w: w.changed(REPATS, lambda sheet: sheet.with_cell("F6", 1060)),
    ),
    _ohss(
        "months of a table do not add up",
        "A month of one breakdown was misread: the other tables are published.",
        "held in part",
        "parts_add_up",
        ("removals_by_citizenship", "the sum of the months"),
        lambda w: w.changed(CITIZENSHIP, lambda sheet: sheet.with_cell("D6", 690)),
    ),
    _ohss(
        "table of a workbook moved too far",
        "A breakdown is a third of what it was: the other tables are published.",
        "held in part",
        "totals_stay",
        ("removals_by_citizenship",),
        lambda w: w.changed(CITIZENSHIP, lambda sheet: sheet.with_figures(lambda n: n // 3)),
    ),
    _files(
        "sector of a workbook lost",
        "A sector's people are in its region only.",
        "held",
        "parts_add_up",
        ("2023-11", "the sum of the sectors"),
        File(
            key_metrics().changed(BY_SECTOR, lambda sheet: sheet.with_cell("E29", 2)).bytes(),
            "2023-12",
            METRICS_NAME,
            KEY_METRICS,
        ),
    ),
)


ICE_FAULTS = (
    Fault(
        "closed year of ICE lowered",
        "271,484 removals of 2024 become 109,535.",
        "held",
        "totals_stay",
        ("FY2024", "109,535", "271,484"),
        _ice_case,
    ),
    _files(
        "stale workbook of ICE under a new date",
        "A year to date of FY2020 would replace the whole year, which is in another dataset.",
        "held",
        "datasets_agree",
        ("FY2020", "110,000", "185,884", "ice_removals_summary"),
        _ice(
            detention(2020, "FY2020 YTD", 110_000),
            "2025-02",
            "04/18/2020",
            "FY20_detentionStats.xlsx",
        ),
        beside=("ice_removals_summary",),
    ),
    _files(
        "year to date of ICE ten times",
        "A digit too many, two weeks later.",
        "held",
        "totals_do_not_leap",
        ("FY2024", "1,443,780", "4 times the pace"),
        _ice(detention(2024, "FY2024 YTD", 144_378), "2024-02-02", "01/25/2024"),
        _ice(detention(2024, "FY2024 YTD", 1_443_780), "2024-02-16", "02/08/2024"),
    ),
    _files(
        "row of ICE's total renamed",
        "The total is under a label that nobody knows.",
        "refused",
        "tables_keep_their_layout",
        ("Total > Total",),
        _ice(detention().with_cell("L18", "Everybody"), "2024-12", "09/30/2024"),
    ),
    _files(
        "error cell in ICE's total",
        "A formula that refers to nothing.",
        "refused",
        "tables_keep_their_layout",
        ("Total > Total",),
        _ice(_with_removals(detention(), "#REF!"), "2024-12", "09/30/2024"),
    ),
    _files(
        "formula without a value in ICE's total",
        "A workbook that no spreadsheet program has calculated.",
        "refused",
        "tables_keep_their_layout",
        ("Total > Total",),
        _ice(_with_removals(detention(), "=1+1"), "2024-12", "09/30/2024"),
    ),
    _files(
        "ICE's figure without a heading",
        "The heading stands over the column beside the figure.",
        "refused",
        "columns_are_known",
        ("in a column without a heading",),
        _ice(detention().with_cell("N17", None).with_cell("M17", "Total"), "2024-12", "09/30/2024"),
    ),
    _files(
        "year of ICE's sheet is not that of its name",
        "The workbook named FY24 holds the year before, which its name excludes.",
        "refused",
        "name_keeps_its_promise",
        ("FY2023", "FY2024"),
        _ice(detention(2023, "EOFY2023", 142_580), "2024-12", "09/30/2023"),
    ),
    _files(
        "name of ICE's workbook lags",
        "The workbook named FY24 holds FY2025, as on 15 November 2024: a person can tell.",
        "held",
        "name_keeps_its_promise",
        ("FY2025", "FY2024"),
        _ice(detention(2025, "FY2025 YTD", 30_000), "2024-11-15", "11/09/2024"),
    ),
    _files(
        "name that says nothing",
        "A workbook that was saved as download.xlsx.",
        "held",
        "name_is_recognised",
        ("download.xlsx",),
        _ice(detention(), "2024-12", "09/30/2024", "download.xlsx"),
    ),
    _files(
        "document type in a part that holds no cells",
        "UTF-16 would hide it from a search for text.",
        "refused",
        "workbook_is_safe",
        ("customXml/item1.xml", "document type"),
        File(
            _unsafe(MadeWorkbook((detention(), footnotes()))),
            "2024-12",
            "FY24_detentionStats.xlsx",
            DETENTION,
        ),
    ),
)

SUM_FAULTS = (
    _files(
        "parts of the split exceed their total",
        "A part of the split was misread.",
        "held",
        "parts_add_up",
        ("2024-05", "at-large and at-entry arrests"),
        File(
            b"month,total,at_large,at_entry\n2024-04,100,10,90\n2024-05,110,10,90\n",
            "2026-10",
            SPLIT_NAME,
            SPLIT,
        ),
    ),
    _files(
        "actions do not add up",
        "A figure of one action was mistyped.",
        "held",
        "parts_add_up",
        ("2023-11", "the actions"),
        File(
            b"published_on,month,repatriation_type,repatriations\n"
            b"2024-01,2023-11-01,Removals,1000\n2024-01,2023-11-01,Enforcement Returns,500\n"
            b"2024-01,2023-11-01,Administrative Returns,100\n"
            b"2024-01,2023-11-01,Title 42 Expulsions,0\n2024-01,2023-11-01,Total,1700\n",
            "2024-01",
            SUMMARY_NAME,
            SUMMARY,
        ),
    ),
)

WORKBOOKS = (*OHSS_FAULTS, *ICE_FAULTS, *SUM_FAULTS)
