"""Reading claims: one row that cannot be read costs that row only."""

from pathlib import Path

import pytest

from orchestration.claims.claim import InvalidClaim, claims_in

HEAD = "claim_id,claim,measure,test,value,precision,stated_on\n"


def test_a_row_that_cannot_be_read_keeps_its_text_and_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(
        f"{HEAD}a,many,people,equals,5,ten,2024-12-20\nb,few,people,equals,5,,2024-12-20\n"
    )
    unreadable, sound = claims_in(file)
    assert (unreadable.claim_id, unreadable.claim) == ("a", "many")
    assert unreadable.problem == "precision: found 'ten', expected a number, such as 10"
    assert sound.problem == ""


def test_a_row_without_an_id_or_with_that_of_another_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(
        f"{HEAD}a,one,people,equals,5,,\na,two,people,equals,5,,\n,three,people,equals,5,,\n"
    )
    found = claims_in(file)
    assert [claim.claim_id for claim in found] == ["a", "line 3", "line 4"]
    assert [bool(claim.problem) for claim in found] == [False, True, False]


def test_rows_with_too_few_or_too_many_cells_are_claims_too(tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(f"{HEAD}a\nb,,,,,,,more,and more\n")
    assert [claim.claim_id for claim in claims_in(file)] == ["a", "b"]


def test_what_is_no_csv_is_named(tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidClaim, match=r"claims\.csv: found no CSV in UTF-8"):
        claims_in(file)
