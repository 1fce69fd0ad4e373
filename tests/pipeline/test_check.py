"""`borderledger check` and `measures`, on the published file of the bundled figures."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.claims.store import KINSHIP
from tests.conftest import run_command, start_command

BETWEEN, ALL, AT = (
    "southwest encounters between ports",
    "southwest encounters",
    "southwest encounters at ports",
)

# measure, period, test, value, day of the statement: verdict, value then, value now
CASES = [
    ((ALL, "2019-08", "equals", "64,006", "2019-09-09"), "supported when stated, revised since"),
    ((BETWEEN, "2019-08", "equals", "64,006", "2019-09-09"), "right number, wrong measure"),
    ((BETWEEN, "2017-05", "equals", "19,940", "2019-09-09"), "right number, wrong measure"),
    ((ALL, "2019-05", "equals", "144,266", "2019-09-09"), "nearly right"),
    ((BETWEEN, "2023-12", "equals", "200,000", "2024-12-20"), "contradicted"),
    ((ALL, "FY2023", "equals", "2,000,000", "2024-12-20"), "contradicted"),
    ((ALL, "2019-05/2019-08", "percent change", "-56", "2019-09-09"), "supported after rounding"),
    ((ALL, "FY2020/FY2021", "percent change", "279", "2024-12-20"), "supported after rounding"),
    ((ALL, "FY2019", "highest month", "2019-05", "2019-09-09"), "supported"),
    ((ALL, "2019-05/2019-08", "fell every month", "", "2019-09-09"), "supported"),
    ((BETWEEN, "2024-04/2024-11", "fell every month", "", "2024-12-20"), "contradicted"),
    ((BETWEEN, "2024-11", "equals", "46,610", "2024-12-20"), "supported after rounding"),
    ((BETWEEN, "2024-11", "lowest since", "2020-07", "2024-12-20"), "supported"),
    ((BETWEEN, "2024-11", "lowest in years", "4", "2024-12-20"), "supported"),
    (
        (BETWEEN, "2017-04", "lowest on record", "1999-10", "2019-09-09"),
        "supported when stated, revised since",
    ),
    (("DHS repatriations", "FY2024", "more than", "700,000", "2024-12-20"), "only stated"),
    (
        ("DHS removals and returns", "2024-06/2024-11", "more than", "240,000", "2024-12-20"),
        "only stated",
    ),
    (
        ("DHS repatriations", "FY2024", "highest fiscal year since", "FY2010", "2024-12-20"),
        "undecided",
    ),
    (
        ("San Diego County street releases", "2023-09/2024-05", "up to", "154,000", "2024-12-20"),
        "only stated",
    ),
    ((ALL, "FY2022/FY2023", "rose", "", "2024-12-20"), "supported"),
    ((BETWEEN, "2024-05/2024-11", "fell", "", "2024-12-20"), "supported"),
    ((BETWEEN, "2024-06 to date", "fewer than", "500,000", "2024-12-20"), "supported"),
    (
        (BETWEEN, "FY2024 to date/FY2025 to date", "percent change", "-73", "2024-12-20"),
        "supported after rounding",
    ),
    ((ALL, "2022-03", "first month above", "200,000 since 2021-08", "2024-12-20"), "supported"),
    ((ALL, "2022-03", "first month above", "200,000", "2024-12-20"), "contradicted"),
    ((BETWEEN, "FY2022", "highest fiscal year on record", "", "2024-12-20"), "supported"),
    ((BETWEEN, "FY2022", "highest fiscal year ever", "", "2024-12-20"), "undecided"),
    ((BETWEEN, "CY2022", "highest calendar year since", "2000", "2024-12-20"), "supported"),
    ((BETWEEN, "2023-11", "highest of that month since", "2019", "2024-12-20"), "contradicted"),
    ((BETWEEN, "2025-06", "lowest ever", "", "2025-07-05"), "undecided"),
    ((ALL, "2017-04", "lowest on record", "", "2018-06-01"), "undecided"),
    ((BETWEEN, "2024-05/2024-11", "percent change", "more than -50", "2024-12-20"), "supported"),
    (("DHS repatriations", "FY2023", "highest fiscal year on record", "", ""), "contradicted"),
    (("ICE removals", "2018-10 to 2020-09", "more than", "400,000", ""), "supported"),
    (("DHS removals", "2009-10 to 2011-09", "equals", "777,053", ""), "supported"),
    (("ICE removals", "FY2021/FY2022", "fell", "", ""), "undecided"),
    (("DHS expulsions", "CY2020/CY2021", "difference", "5", ""), "undecided"),
    ((ALL, "2021-03", "first month above", "2,000,000", ""), "contradicted"),
    ((ALL, "FY2024 to date", "equals", "1,691,227", "2024-07-02"), "supported"),
    ((BETWEEN, "2024-11", "highest on record", "", "2024-11-25"), "contradicted"),
    ((BETWEEN, "FY2024", "highest fiscal year on record", "", "2024-09-20"), "contradicted"),
    # as the at-large split says of the year; the file of its first two months had 14 people more
    ((BETWEEN, "FY2025", "equals", "237,538", ""), "supported"),
]


def check(home: Path, *options: str, **named: str) -> dict[str, Any]:
    given = [f"--{name.replace('_', '-')}={value}" for name, value in named.items()]
    found: dict[str, Any] = json.loads(
        run_command(home, "check", *given, *options, "--json").stdout
    )
    return found


@pytest.mark.parametrize(("asked", "verdict"), CASES)
def test_a_statement_has_the_verdict_that_its_evidence_bears_out(
    asked: tuple[str, ...], verdict: str, bundle_home: Path
) -> None:
    names = ("measure", "period", "test", "value", "stated_on")
    given = {name: text for name, text in zip(names, asked, strict=True) if text}
    found = check(bundle_home, **given)
    assert found["verdict"] == verdict, found["sentence"]
    tested = [one for one in found["evidence"] if one["role"] != "compared with"]
    assert tested
    for one in tested:
        assert one["release_id"]
        assert one["file_name"]
        assert one["publisher"]
        assert one["url"].startswith(("https://", "http://"))
        assert one["vantage"] == "now" or one["published_on"] <= asked[4]
        assert one["upper_bound"] is None or one["lower_bound"] <= one["upper_bound"]


@pytest.mark.parametrize(
    ("test", "value", "verdict"),
    [
        ("share of", "28.3", "supported after rounding"),
        ("share of", "more than 25", "supported"),
        ("equals", "28.3", "supported after rounding"),
        ("more than", "90", "contradicted"),
    ],
)
def test_a_share_of_a_year_is_a_ratio_of_sums(
    test: str, value: str, verdict: str, bundle_home: Path
) -> None:
    found = check(bundle_home, measure=AT, of=ALL, period="FY2024", test=test, value=value)
    assert (found["verdict"], found["value_now"]) == (verdict, "28.31")
    assert {one["measure"] for one in found["evidence"]} == {AT, ALL}


def test_what_is_no_part_has_no_share(bundle_home: Path) -> None:
    asked = (f"--measure={ALL}", f"--of={AT}", "--period=FY2024", "--test=share of", "--value=5")
    said = run_command(bundle_home, "check", *asked, expect=2).stderr
    assert "are no part: they are more" in " ".join(said.split())


@pytest.mark.parametrize(
    ("measure", "of", "is_divided"),
    [("ICE removals", ALL, True), (AT, ALL, False), ("DHS removals", "DHS repatriations", False)],
)
def test_a_share_of_what_does_not_count_the_part_says_so(
    measure: str, of: str, is_divided: bool, bundle_home: Path
) -> None:
    found = check(bundle_home, measure=measure, of=of, period="FY2022", test="share of", value="5")
    aside = f"No release counts {measure} among {of}: "
    assert (aside in found["sentence"]) is is_divided


def test_a_share_of_a_part_in_its_own_measure_is_one(bundle_home: Path) -> None:
    found = check(
        bundle_home,
        measure=BETWEEN,
        part="area=Tucson Sector",
        of=BETWEEN,
        period="FY2024",
        test="share of",
        value="30",
    )
    assert "No release counts" not in found["sentence"]


def test_measures_are_related_to_others_that_there_are(every_release_home: Path) -> None:
    related = yaml.safe_load(KINSHIP.read_text(encoding="utf-8"))
    named = {name for family in related["families"] for name in family}
    for measure, wholes in related["counted_among"].items():
        named |= {measure, *wholes}
    listed = json.loads(run_command(every_release_home, "measures", "--json").stdout)
    assert named <= {one["measure"] for one in listed}


def test_a_sector_is_asked_about_by_its_name(bundle_home: Path) -> None:
    found = check(
        bundle_home,
        measure="Border Patrol encounters",
        part="sector=San Diego Sector",
        period="2024-04",
        test="about",
        value="37,370",
    )
    assert found["verdict"] == "supported"


def test_the_other_measure_is_among_the_evidence(bundle_home: Path) -> None:
    found = check(bundle_home, measure=BETWEEN, period="2017-05", value="19,940")
    context = [one for one in found["evidence"] if one["role"] == "context"]
    assert [(one["measure"], one["lower_bound"]) for one in context] == [(ALL, 19940)]


@pytest.mark.parametrize(
    ("asked", "verdict", "value"),
    [
        (("Border Patrol encounters", "sector=San Diego Sector", "rank", "1"), "contradicted", "2"),
        (("Border Patrol encounters", "sector=Tucson Sector", "rank", "1"), "supported", "1"),
        ((BETWEEN, "citizenship=mexico", "rank", "1"), "supported", "1"),
        (
            (BETWEEN, "citizenship=MEXICO", "share of", "one in three"),
            "supported after rounding",
            "32.82",
        ),
    ],
)
def test_a_part_among_the_others(
    asked: tuple[str, ...], verdict: str, value: str, real_home: Path
) -> None:
    """A sector that was closed, and a month without anybody from a country, are no unknowns."""
    names = ("measure", "part", "test", "value")
    of = {"of": BETWEEN} if "share of" in asked else {}
    found = check(real_home, period="FY2024", **dict(zip(names, asked, strict=True)), **of)
    assert (found["verdict"], found["value_now"]) == (verdict, value), found["sentence"]


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        (("Border Patrol releases", "", "2024-06/2024-10", "percent change", "-70"), "undecided"),
        (
            ("Border Patrol releases", "", "2024-06/2024-07", "percent change", "-55"),
            "supported after rounding",
        ),
        (("Border Patrol releases", "", "2023-09/2024-05", "about", "958,000"), "supported"),
        (
            (
                *("Border Patrol releases", "family status=Single Adults"),
                *("2023-09/2024-05", "equals", "465,740"),
            ),
            "nearly right",
        ),
        (
            ("Border Patrol releases", "", "2024-05", "equals", "47,940"),
            "right number, wrong measure",
        ),
        (("OFO paroles", "", "2024-05", "equals", "47,940"), "supported"),
    ],
)
def test_releases_from_custody(asked: tuple[str, ...], verdict: str, real_home: Path) -> None:
    """The months after July 2024 are in no release at hand."""
    names = ("measure", "part", "period", "test", "value")
    found = check(real_home, **dict(zip(names, asked, strict=True)))
    assert found["verdict"] == verdict, found["sentence"]


def test_the_only_one_has_no_rank(bundle_home: Path) -> None:
    asked = ("--measure=Border Patrol encounters", "--part=sector=San Diego Sector")
    said = run_command(
        bundle_home, "check", *asked, "--period=FY2024", "--test=rank", "--value=1", expect=2
    ).stderr
    assert "the only one, expected one of several" in " ".join(said.split())


def test_one_or_two_sentences_say_what_was_found(bundle_home: Path) -> None:
    said = run_command(
        bundle_home,
        "check",
        "--measure=DHS repatriations",
        "--period=FY2024",
        "--test=more than",
        "--value=700,000",
        "--stated-on=2024-12-20",
    ).stdout
    assert said.startswith("only stated\n")
    said = " ".join(said.split())
    found = "at least 674,740 (674,890 from October 2023 to July 2024, the only part known)"
    assert found in said
    assert "August and September 2024 would need more than 25,110 to pass 700,000." in said
    assert "Officials stated more than 700,000 (22 October 2024); no published count" in said


def test_a_year_of_which_two_months_are_known_says_which(bundle_home: Path) -> None:
    found = check(bundle_home, measure=ALL, period="FY2025", test="more than", value="2,000,000")
    assert found["verdict"] == "undecided"
    part = "at least 200,525 (200,525 in October and November 2024, the only part known)"
    assert part in found["sentence"]


def test_what_the_archive_lacks_is_not_said_of_the_publisher(bundle_home: Path) -> None:
    found = check(
        bundle_home, measure=BETWEEN, period="2019-08", value="50,684", stated_on="2019-09-09"
    )
    assert "nothing in this archive published by 9 September 2019 gives that" in found["sentence"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"measure": BETWEEN, "period": "2024-11", "test": "lowest of that month since"}
            | {"value": "CY2021"},
            "No November from 2022 to 2023 had as few southwest encounters between ports as",
        ),
        (
            {"measure": "ICE removals", "period": "FY2026 to date", "value": "144,378"},
            "ICE removals from October 2025 to January 2026 were 144,378 (through 25 January 2026)",
        ),
        (
            {"measure": "ICE removals", "period": "FY2021/FY2022", "test": "fell"},
            "ICE removals were at least 55,590 in fiscal year 2021 and at least 69,019 in",
        ),
        (
            {
                "measure": "ICE removals",
                "period": "FY2024",
                "test": "highest fiscal year since",
                "value": "FY2019",
            },
            "Of October 2020 to September 2022 only a part is known.",
        ),
        (
            {"measure": BETWEEN, "period": "FY2022", "test": "highest fiscal year on record"},
            "the highest of the others on record, which begins in fiscal year 2000, was",
        ),
        (
            {
                "measure": ALL,
                "part": "citizenship=MEXICO",
                "period": "2024-11",
                "test": "rank",
                "value": "1",
            },
            "MEXICO had the first to 18th most southwest encounters in November 2024, of 21 by "
            "citizenship, of which 17 are not known.",
        ),
        (
            {"measure": ALL, "part": "demographic=Unaccompanied Children", "period": "FY2024"}
            | {"value": "109,998"},
            "Southwest encounters (UC / Single Minors) in fiscal year 2024 were 109,998.",
        ),
    ],
    ids=[
        "months between",
        "to date",
        "two numbers",
        "known in part",
        "years on record",
        "unknown others",
        "another spelling",
    ],
)
def test_what_is_said_of_the_figures(asked: dict[str, str], said: str, real_home: Path) -> None:
    found = check(real_home, **asked)
    assert said in found["sentence"]


def test_what_older_months_contradict_that_were_published_later_was_never_right(
    real_home: Path,
) -> None:
    """No figure was revised."""
    asked = {"measure": BETWEEN, "period": "2021-07", "test": "first month above"}
    found = check(real_home, **asked, value="200,000", stated_on="2024-12-20")
    assert found["verdict"] == "contradicted"
    assert found["sentence"] == (
        "February and March 2000 had more than 200,000 southwest encounters between ports. "
        "Nothing in this archive published by 20 December 2024 goes back that far."
    )


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (
            {"part": "citizenship=OTHER", "period": "FY2022", "test": "more than", "value": "5"},
            "part: found 'OTHER', expected a citizenship of:",
        ),
        (
            {"period": "2024-11", "value": "94.190"},
            "value: found '94.190', expected a whole number, such as 94,190",
        ),
    ],
    ids=["means another thing in each file", "a fraction of a person"],
)
def test_what_no_figure_can_answer_says_why(
    asked: dict[str, str], why: str, real_home: Path
) -> None:
    given = [f"--{name}={text}" for name, text in asked.items()]
    said = run_command(real_home, "check", f"--measure={ALL}", *given, expect=2).stderr
    assert why in " ".join(said.split())


def test_a_file_of_statements_is_checked_row_by_row(bundle_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "claim_id,measure,period,test,value,stated_on\n"
        f"a,{ALL},2019-08,equals,62707,\n"
        f"b,{ALL},2019-88,equals,62707,\n"
        "c,,,not measurable,,2019-09-09\n"
        f"d,{ALL},2019-08,equals,62707,soon\n"
    )
    done = run_command(bundle_home, "check", "--file", str(file), "--json", expect=2)
    found = json.loads(done.stdout)
    assert [one["verdict"] for one in found] == [
        "supported",
        "invalid",
        "not measurable",
        "invalid",
    ]
    assert found[1]["sentence"].startswith("period: found '2019-88', expected a month")
    assert (
        found[3]["sentence"]
        == "stated_on: found 'soon', expected a day of 1800 to 2199, such as 2024-12-20"
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--measure=troops",), "measure: found 'troops', expected one of Border Patrol"),
        ((f"--measure={ALL}", "--period=2019-08", "--value=x"), "value: found 'x', expected a"),
        ((f"--measure={ALL}", "--period=soon", "--value=1"), "period: found 'soon', expected a"),
        (("--measure=Border Patrol encounters",), "part: found none, expected one of"),
        ((), "expected one of --measure and --file"),
        (
            ("--measure=southwest border apprehension",),
            "(the nearest is 'southwest border apprehensions'), expected one of Border Patrol",
        ),
        (
            (f"--measure={ALL}", "--part=San Diego Sector"),
            "part: found 'San Diego Sector', expected its breakdown, too: area=San Diego Sector",
        ),
        (
            (f"--measure={ALL}", "--part=Texas"),
            "expected a breakdown and a label, such as area=Big",
        ),
        ((f"--measure={ALL}", "--part=state=Texas"), "expected a breakdown of: area, demographic"),
        (
            (f"--measure={ALL}", "--part=area=Texas"),
            "part: found 'Texas', expected an area of: Big",
        ),
        (
            ("--measure=ICE removals", "--part=Texas"),
            "part: found 'Texas', expected none: it has no",
        ),
        (
            (f"--measure={ALL}", "--period=2024-11", "--test=Higest since"),
            "test: found 'higest since', expected one such as highest since, ",
        ),
        (
            (f"--measure={ALL}", "--stated-on=0001-01-01"),
            "stated_on: found '0001-01-01', expected a day of 1800 to 2199, such as 2024-12-20",
        ),
        ((f"--measure={ALL}", "--precision=nan"), "precision: found 'nan', expected a number"),
    ],
)
def test_what_cannot_be_asked_says_what_can(
    options: tuple[str, ...], problem: str, bundle_home: Path
) -> None:
    assert problem in " ".join(run_command(bundle_home, "check", *options, expect=2).stderr.split())


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"measure\n\xff\xfe", "found no UTF-8 (byte 9), expected a CSV file in UTF-8"),
        (b"measure,perod,test\n", "'perod', 'test', expected also period; possible are claim_id"),
        (b"measure,period,test,valeu\n", "found the unknown column 'valeu'; possible are claim_id"),
    ],
)
def test_a_file_of_anything_else_is_refused_in_one_line(
    content: bytes, problem: str, bundle_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_bytes(content)
    done = run_command(bundle_home, "check", "--file", str(tmp_path / "mine.csv"), expect=2)
    [line] = done.stderr.splitlines()
    assert line.startswith(f"borderledger: {tmp_path / 'mine.csv'}: found ")
    assert problem in line


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("measure,period,test\n", "found no claims, expected one in each row"),
        ("measure;period;test\n", "separated by semicolons, expected commas"),
        ('measure,period,test\n"a,2024,equals\n', "line 2: found a quote that is opened and not"),
    ],
)
def test_a_file_of_which_nothing_would_be_checked_is_an_error(
    content: str, problem: str, bundle_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_text(content)
    done = run_command(bundle_home, "check", "--file", str(tmp_path / "mine.csv"), expect=2)
    assert problem in done.stderr


def test_an_id_of_the_project_is_warned_of(bundle_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        f"claim_id,measure,period,test,value\n2019-drop-since-may,{ALL},2019-08,rank,1\n"
    )
    done = run_command(bundle_home, "check", "--file", str(file), expect=2)
    assert done.stderr == (
        f"borderledger: {file}: found 2019-drop-since-may, expected IDs that no claim of the "
        "project has\n"
    )


def test_what_has_no_upper_bound_is_null_in_json(bundle_home: Path) -> None:
    def refused(constant: str) -> None:
        raise AssertionError(constant)

    asked = ("--measure=DHS repatriations", "--period=FY2024", "--test=more than", "--value=700000")
    printed = run_command(bundle_home, "check", *asked, "--json").stdout
    assert json.loads(printed, parse_constant=refused)["found_now"]["upper"] is None


def test_what_a_change_was_compared_with_is_shown(bundle_home: Path) -> None:
    asked = (f"--measure={BETWEEN}", "--period=2023-12/2024-11", "--test=fell")
    printed = run_command(bundle_home, "check", *asked, "--stated-on=2024-12-20").stdout
    assert "  as published then: official_statements_published_2024-12-19.csv" in printed
    assert "  compared with, as published then: cbp_southwest_by_area_published_" in printed


@pytest.mark.parametrize(
    "command",
    [
        ("measures",),
        ("measures", BETWEEN),
        ("claims",),
        ("claims", "2024-nov-change"),
        ("check", f"--measure={ALL}", "--period=2024-11", f"--value={'1' * 18}"),
    ],
)
def test_lines_fit_the_terminal(command: tuple[str, ...], bundle_home: Path) -> None:
    here = {"BORDERLEDGER_HOME": str(bundle_home), "COLUMNS": "80"}
    printed = start_command(command, os.environ | here).stdout
    wide = [line for line in printed.splitlines() if len(line) > 80 and "://" not in line]
    assert printed
    assert wide == []


def test_measures_lists_what_can_be_asked_about(bundle_home: Path) -> None:
    found = json.loads(run_command(bundle_home, "measures", "--json").stdout)
    by_name = {one["measure"]: one for one in found}
    assert by_name[BETWEEN]["first_month"] == "1999-10"
    assert "San Diego Sector" in by_name["Border Patrol encounters"]["breakdowns"]["sector"]
    assert "southwest border apprehensions" in by_name[BETWEEN]["other_names"]
    listed = run_command(bundle_home, "measures").stdout
    assert "southwest encounters, 2016-10 to 2024-11\n  parts: area (13), demographic (4)" in listed
    assert "  equals, about," in listed
    assert "highest/lowest since," in listed


def test_a_measure_is_listed_with_its_parts_by_any_of_its_names(bundle_home: Path) -> None:
    listed = run_command(bundle_home, "measures", "Southwest border apprehensions").stdout
    assert listed.startswith(
        f"{BETWEEN}, 1999-10 to 2026-08\n  other names: southwest border USBP "
    )
    assert "\n  area: Big Bend Sector; Del Rio Sector; " in listed
    without = run_command(bundle_home, "measures", "Border Patrol encounters").stdout
    assert "\n  no total: a part is needed\n" in without
    unknown = run_command(bundle_home, "measures", "troops", expect=2)
    assert "measure: found 'troops', expected one of Border Patrol" in unknown.stderr


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("drop table meta.releases", "found a file of an earlier version, of which measures"),
        ("alter table meta.releases drop publisher", "of an earlier version, of which measures"),
        ("alter table measures drop lower_bound", "of an earlier version, of which measures"),
        ("update measures set kind = 'guess'", "'guess' is not a valid Kind"),
        ("update measures set lower_bound = 5, upper_bound = 4", "expected the lower bound first"),
        ("delete from meta.releases", "meta.releases lacks the release "),
    ],
)
def test_a_published_file_that_no_build_writes_is_an_error(
    change: str, problem: str, bundle_home: Path, tmp_path: Path
) -> None:
    copy = shutil.copy(bundle_home / "border.duckdb", tmp_path)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(change)
    asked = (f"--measure={ALL}", "--period=2024-11", "--value=1")
    [line] = run_command(tmp_path, "check", *asked, expect=3).stderr.splitlines()
    assert line.startswith(f"borderledger: {copy}: found a file ")
    assert "run `borderledger nightly`" in line
    assert problem in line


def test_without_a_published_file_there_is_nothing_to_ask(tmp_path: Path) -> None:
    done = run_command(tmp_path, "measures", expect=2)
    assert "found no published file" in done.stderr
