"""Claims from files: a row that cannot be read costs that row only, a file only that file."""

import csv
from datetime import date

import pytest

from orchestration.builds.claim_files import ClaimFile
from orchestration.claims.claim import InvalidClaim
from orchestration.claims.files import COLUMNS, MOST_CLAIMS, claims_in, claims_of

HEAD = "claim_id,claim,measure,period,test,value,precision,stated_on\n"


def csv_file(rows: str, head: str = HEAD, name: str = "mine.csv") -> ClaimFile:
    return ClaimFile(name=name, text=head + rows)


PROJECT = csv_file("a,one,people,2024,equals,5,,\n", name="claims.csv")


def test_a_row_that_cannot_be_read_keeps_its_text_and_says_what_is_wrong() -> None:
    unreadable, sound = claims_in(
        csv_file(
            "a,many,people,2024,equals,5,ten,2024-12-20\nb,few,people,2024,equals,5,,2024-12-20\n"
        )
    )
    assert (unreadable.claim_id, unreadable.claim) == ("a", "many")
    assert unreadable.problem == "precision: found 'ten', expected a number, such as 10"
    assert sound.problem == ""


def test_a_day_is_read_as_it_is_written_and_never_as_seconds() -> None:
    rows = "".join(f"{day},,people,2024,equals,5,,{day}\n" for day in ("20241220", "1734652800"))
    compact, seconds = claims_in(csv_file(rows))
    assert (compact.stated_on, compact.problem) == (date(2024, 12, 20), "")
    assert seconds.problem == (
        "stated_on: found '1734652800', expected a day of 1800 to 2199, such as 2024-12-20"
    )


@pytest.mark.parametrize("day", ["0001-01-01", "1799-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_that_no_statement_is_of_is_refused(day: str) -> None:
    [claim] = claims_in(csv_file(f"a,,people,2024,equals,5,,{day}\n"))
    assert claim.problem == (
        f"stated_on: found '{day}', expected a day of 1800 to 2199, such as 2024-12-20"
    )


@pytest.mark.parametrize("number", ["nan", "inf", "-Infinity"])
def test_a_precision_without_bound_is_no_number(number: str) -> None:
    [claim] = claims_in(csv_file(f"a,,people,2024,equals,5,{number},\n"))
    assert claim.problem == f"precision: found '{number}', expected a number, such as 10"


def test_text_that_is_too_long_costs_its_row_only_and_is_cut() -> None:
    text = "9" * 100_000
    long, named, sound = claims_in(
        csv_file(f"a,,people,2024,equals,{text},,\n{text},,people\nb,,people,2024,equals,5,,\n")
    )
    shown = f"'{'9' * 40}…'"
    assert long.problem == f"value: found {shown}, expected 200 characters at most"
    assert (long.claim_id, long.value) == ("a", "")
    assert named.problem == f"claim_id: found {shown}, expected 200 characters at most"
    assert (named.claim_id, sound.problem) == ("mine.csv line 3", "")


def test_a_cell_beyond_the_limit_says_so_also_where_a_library_has_lifted_it() -> None:
    csv.field_size_limit(2**24)
    rows = f"a,{'x' * (2**17 + 1)},people\nb,two,people\n"
    long, sound = claims_in(csv_file(rows))
    assert long.problem == "found a cell of more than 131,072 characters, expected fewer"
    assert (sound.claim_id, sound.problem) == ("b", "")


def test_a_row_without_an_id_or_with_that_of_another_is_named_by_its_line() -> None:
    found = claims_in(csv_file('a,"one\nand more",people\n\n ,,\na,two,people\n,three,people\n'))
    assert [claim.claim_id for claim in found] == ["a", "mine.csv line 6", "mine.csv line 7"]
    assert [bool(claim.problem) for claim in found] == [False, True, False]


def test_a_row_may_end_after_its_last_value_and_may_not_go_beyond_the_columns() -> None:
    found = claims_in(csv_file("a\nb,,,,,,,,,\nc,64,006 in August,,,,,,2024-12-20\n"))
    assert [claim.claim_id for claim in found] == ["a", "b", "c"]
    assert [claim.problem for claim in found[:2]] == ["", ""]
    assert found[2].problem.startswith("found '2024-12-20' without a column, expected text that")


def test_what_stands_below_no_name_is_without_a_column() -> None:
    head = "measure,,period,test,\n"
    sound, unsound = claims_in(csv_file("people,,2024,equals\npeople,5,2024,equals,\n", head))
    assert (sound.problem, sound.period) == ("", "2024")
    assert unsound.problem.startswith("found '5' without a column")


def test_text_after_a_quote_costs_its_row_only() -> None:
    rows = 'a,"one",people\nb,"two" more,people\nc,three,people\n'
    found = {claim.claim_id: claim.problem for claim in claims_in(csv_file(rows))}
    assert found.pop("mine.csv line 3").startswith("found no CSV (")
    assert found == {"a": "", "c": ""}


@pytest.mark.parametrize(
    "rest",
    ["c,three,people\n", 'c,"three",people\nd,four,people\n', f"c,{'x' * 200_000},people\n"],
    ids=["to the end", "to the next quote", "to the limit"],
)
def test_a_quote_that_is_not_closed_costs_the_file_since_rows_are_lost(rest: str) -> None:
    file = csv_file(f'a,"one\nand more",people\nb,"two,people\n{rest}')
    with pytest.raises(InvalidClaim) as refused:
        claims_in(file)
    assert str(refused.value).startswith("line 4: found a quote that is opened and not closed")
    assert [claim.claim_id for claim in claims_of([PROJECT, file])] == ["a", "mine.csv"]


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        (
            "claim_id,measure,perod,test\n",
            "found the columns 'claim_id', 'measure', 'perod', 'test', expected also period; "
            f"possible are {', '.join(COLUMNS)}",
        ),
        (
            "claim_id,measure,period,test,valeu\n",
            f"found the unknown column 'valeu'; possible are {', '.join(COLUMNS)}",
        ),
        ("measure,period,test,problem\n", "found the unknown column 'problem'; possible are"),
        ("measure,period,test,value,value\n", "found the column 'value' twice, expected each once"),
        (
            "measure;period;test\n",
            "found the columns 'measure;period;test', separated by semicolons, expected commas",
        ),
        ("measure\tperiod\n", "found the columns 'measure\\tperiod', separated by tabs, expected"),
        ("", "found no columns, expected also measure, period, test"),
        ('measure,"period\n', "line 1: found a quote that is opened and not closed"),
        ('measure,"period"s\n', "the columns' names: found no CSV ("),
        ("x" * 100_000, f"found the column '{'x' * 40}…', expected also"),
    ],
)
def test_a_file_with_other_columns_says_once_which_are_possible(head: str, problem: str) -> None:
    with pytest.raises(InvalidClaim) as refused:
        claims_in(csv_file("", head))
    assert str(refused.value).startswith(problem)
    assert len(claims_of([PROJECT, csv_file("\na,b,c\nd,e,f\n", head)])) == 2


def test_columns_may_be_in_any_order_and_any_but_three_may_be_missing() -> None:
    [claim] = claims_in(csv_file("equals,people,2024,5\n", "test, measure ,period,value\n"))
    assert (claim.claim_id, claim.measure, claim.value) == ("mine.csv line 2", "people", "5")


def test_columns_and_tests_may_be_written_in_other_ways() -> None:
    head = "Measure,PERIOD,test,Stated-On\n"
    [claim] = claims_in(csv_file("people,2024, Lowest  Since ,2024-12-20\n", head))
    assert (claim.measure, claim.test, claim.stated_on) == (
        "people",
        "lowest since",
        date(2024, 12, 20),
    )


def test_more_claims_than_a_run_has_time_for_are_refused() -> None:
    row = ",one,people,2024,equals,5,,\n"
    assert len(claims_in(csv_file(row * MOST_CLAIMS))) == MOST_CLAIMS
    with pytest.raises(InvalidClaim, match=r"found more than 1,000 claims, expected several files"):
        claims_in(csv_file(row * (MOST_CLAIMS + 1)))


def test_the_projects_claims_come_first_and_keep_their_ids() -> None:
    own = csv_file("a,two,people,2024,equals,6,,\nb,three,people,2024,equals,7,,\n")
    found = claims_of([PROJECT, own, own])
    assert [(claim.claim_id, claim.document, bool(claim.problem)) for claim in found] == [
        ("a", "claims.csv", False),
        ("mine.csv line 2", "mine.csv", True),
        ("b", "mine.csv", False),
        ("mine.csv line 2 (2)", "mine.csv", True),
        ("mine.csv line 3", "mine.csv", True),
    ]
    assert found[1].problem == "claim_id: found 'a' twice, expected another one"


def test_a_file_that_cannot_be_used_is_one_claim_that_says_why() -> None:
    unread = ClaimFile(name="gone.csv", problem="found no such file, expected a CSV file in UTF-8")
    taken = csv_file("gone.csv,four,people,2024,equals,8,,\n")
    found = claims_of([PROJECT, taken, unread, csv_file("x\n", "when,what\n")])
    assert [claim.claim_id for claim in found] == ["a", "gone.csv", "gone.csv (2)", "mine.csv"]
    assert found[2].problem == unread.problem
    assert found[3].problem.startswith("found the columns 'when', 'what', expected also measure")
