"""Claims from files: a row that cannot be read costs that row only, a file only that file."""

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
    assert seconds.problem == "stated_on: found '1734652800', expected a day, such as 2024-12-20"


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


@pytest.mark.parametrize(
    ("rows", "why", "others"),
    [
        ('a,"one",people\nb,"two" more,people\nc,three,people\n', '"', ["a", "c"]),
        ('a,"one",people\nb,"two,people\nc,three,people\n', "unexpected end of data", ["a"]),
    ],
    ids=["text after a quote", "quote that is not closed"],
)
def test_a_broken_quote_is_named_by_its_line(rows: str, why: str, others: list[str]) -> None:
    found = {claim.claim_id: claim.problem for claim in claims_in(csv_file(rows))}
    problem = found.pop("mine.csv line 3")
    assert problem.startswith("found no CSV (")
    assert why in problem
    assert found == dict.fromkeys(others, "")


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
        ("measure;period;test\n", "found the column 'measure;period;test', expected also measure"),
        ("", "found no columns, expected also measure, period, test"),
        ('measure,"period\n', "the columns' names: found no CSV (unexpected end of data)"),
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
