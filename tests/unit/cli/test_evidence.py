"""Which releases are shown behind a claim, and how they are marked."""

from datetime import date

import pytest

from orchestration.builds.reading import ClaimEvidence
from orchestration.cli.evidence import show_evidence

TESTED, COMPARED, CONTEXT = "figure tested", "compared with", "context"


def figure(release: str, role: str = TESTED, vantage: str = "now", day: int = 1) -> ClaimEvidence:
    return ClaimEvidence(
        vantage=vantage,
        role=role,
        kind="exact",
        dataset="counts",
        file_name=f"{release}.csv",
        published_on=date(2024, 12, day),
        published_precision="day",
        release_id=release,
        url="https://example.org/counts",
    )


def lines(
    capsys: pytest.CaptureFixture[str], test: str, *figures: ClaimEvidence
) -> list[tuple[str, str]]:
    """The mark of each line, and its file."""
    show_evidence(test, figures)
    printed = " ".join(capsys.readouterr().out.split()).split("https://example.org/counts")
    heads = [line.partition(".csv, counts, published 2024-12-")[0].strip() for line in printed[:-1]]
    return [(mark, name) for mark, _, name in (head.rpartition(" ") for head in heads)]


def test_each_release_is_a_line_with_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    said = figure("said", CONTEXT).model_copy(update={"kind": "stated"})
    shown = (
        figure("older", TESTED, "then"),
        figure("before", COMPARED),
        said,
        figure("other", CONTEXT),
        figure("new"),
        figure("newer", day=2),
        figure("new"),
        figure("new", COMPARED),
        figure("new", TESTED, "then"),
    )
    assert lines(capsys, "rose", *shown) == [
        ("", "newer"),
        ("", "new"),
        ("compared with:", "before"),
        ("statement:", "said"),
        ("another measure:", "other"),
        ("as published then:", "older"),
    ]


def test_a_release_of_which_only_the_month_is_known_is_of_that_month(
    capsys: pytest.CaptureFixture[str],
) -> None:
    of_december = {"published_on": date(2024, 12, 31), "published_precision": "month"}
    show_evidence("equals", [figure("new").model_copy(update=of_december)])
    printed = " ".join(capsys.readouterr().out.split())
    assert printed == "new.csv, counts, published 2024-12: https://example.org/counts"


def test_what_a_record_is_compared_with_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = (figure("new"), figure("before", COMPARED))
    assert lines(capsys, "lowest since", *shown) == [("", "new")]
    assert lines(capsys, "share of", *shown) == [("", "new"), ("compared with:", "before")]


def test_many_releases_are_cut_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show_evidence("rose", [figure(f"{number}", day=1 + number) for number in range(9)])
    printed = capsys.readouterr().out
    assert printed.count("https://") == 6
    assert printed.endswith("and 3 more releases: `--json` lists them all\n")
    assert "8.csv" in printed
