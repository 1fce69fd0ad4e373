"""What is wrong, in the words of the messages: what failed, why, what readers see, where to go."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orchestration.automation.alerts.conditions import (
    Alert,
    FailedRun,
    Published,
    Situation,
    alerts_of,
    known_kinds,
)
from orchestration.catalogue.dataset import load_catalogue
from orchestration.intake.source_health import Health, LandingHealth, SourceHealth
from orchestration.releases.freshness import dataset_freshness, published_freshness
from orchestration.releases.release import Decision, Release
from tests.support.builds import gate_result
from tests.support.cbp_files import BY_AREA, BY_STATE, SOUTHWEST
from tests.support.reviews import FIRST, NEXT, File, moved, review_files

READERS_SEE = "Readers still see build 20261120T100102Z-abcd1234 of 2026-11-20."
ICE = "ice_detention_statistics"
WHEN = datetime(2026, 11, 24, 10, tzinfo=UTC)
WRONG = File("2025-01", moved(NEXT, 2024, "MAR", 7).bytes())
UI = "https://ledger.example.gov"


def situation(**found: object) -> Situation:
    """What was found, after a build was published."""
    published = Published("20261120T100102Z-abcd1234", date(2026, 11, 20))
    everything: dict[str, object] = {"catalogue": load_catalogue(), "published": published}
    return Situation(**(everything | found))  # type: ignore[arg-type]


def only_alert(**found: object) -> Alert:
    """The one alert about what was found."""
    [alert] = alerts_of(situation(**found))
    return alert


def failed(reason: str, run_id: str = "0b1c2d3e", job: str = "nightly") -> FailedRun:
    return FailedRun(run_id, job, reason, WHEN)


def silent(dataset: str, nights: int, problem: str | None = "timed out") -> SourceHealth:
    """A source that has not answered for some nights; 0: it has answered."""
    answered = datetime(2026, 11, 20, tzinfo=UTC)
    return SourceHealth(
        dataset=dataset,
        asked_on=WHEN,
        answered_on=answered,
        nights_unreachable=nights,
        problem=problem if nights else None,
    )


def health(*sources: SourceHealth) -> Health:
    return Health(sources={source.dataset: source for source in sources})


def test_nothing_is_wrong() -> None:
    fresh = published_freshness(date(2026, 11, 20), date(2026, 11, 20))
    releases: tuple[Release, ...] = ()
    assert alerts_of(situation()) == []
    calm = situation(
        releases=releases,
        gates=[gate_result(), gate_result(severity="warning", status="not applicable")],
        health=health(silent(SOUTHWEST, 0), silent(ICE, 2)),
        freshness=[fresh],
        failed_runs=[],
    )
    assert alerts_of(calm) == []


def test_a_failed_run() -> None:
    alert = only_alert(failed_runs=[failed("in step facts: disk full")], ui=UI)
    assert alert.title == "The job nightly failed"
    assert alert.body.splitlines() == [
        "Why: in step facts: disk full",
        READERS_SEE,
        f"Run `borderledger status`, or open {UI}/runs/0b1c2d3e; once the cause is gone, "
        "`borderledger nightly`.",
    ]


def test_a_run_that_a_gate_refused_names_the_checks() -> None:
    reason = "in step gates_after_facts: critical checks failed: fct_t (grain_is_unique)"
    alert = only_alert(failed_runs=[replace(failed(reason), by_gate=True, job="build")])
    assert alert.body.startswith(f"Why: {reason}")
    assert alert.body.endswith("Run `borderledger gates`.")


@pytest.mark.parametrize(
    ("job", "way_out"),
    [("build", "`borderledger nightly --force`."), ("clean", "`borderledger clean`.")],
)
def test_a_failed_run_says_how_it_is_made_good(job: str, way_out: str) -> None:
    assert only_alert(failed_runs=[failed("no space", job=job)]).body.endswith(way_out)


@pytest.mark.parametrize(
    ("reason", "is_same"),
    [
        ("in step raw: found 12 rows in build 20261121T090000Z-0badc0de", True),
        ("in step raw: found 13 rows in build 20261122T090001Z-deadbeef", True),
        ("in step facts: found 12 rows in build 20261121T090000Z-0badc0de", False),
    ],
)
def test_a_run_that_fails_again_for_the_same_cause_is_the_same_alert(
    reason: str, is_same: bool
) -> None:
    before = only_alert(
        failed_runs=[failed("in step raw: found 12 rows in build 20261121T090000Z-0badc0de")]
    )
    again = only_alert(failed_runs=[failed(reason, run_id="9f8e7d6c")])
    assert (again.key == before.key) is is_same


def test_two_jobs_that_fail_are_two_alerts() -> None:
    runs = [failed("no space", job="nightly"), failed("no space", job="build")]
    assert len({alert.key for alert in alerts_of(situation(failed_runs=runs))}) == 2


def test_a_held_release(tmp_path: Path) -> None:
    releases = review_files(tmp_path, FIRST, WRONG).releases
    held = releases[1]
    alert = only_alert(releases=releases, ui=UI)
    assert alert.title == f"A release of {SOUTHWEST} is held"
    file, why, readers, where = alert.body.splitlines()
    assert file == f"File: {held.file_name}, published 2025-01."
    [finding] = held.findings
    assert finding.endswith("within 0 %; moved by +7"), "which is no finding of its own"
    assert why == f"Why: {finding}"
    assert readers == f"{READERS_SEE} The newest accepted release of {SOUTHWEST} is of 2024-12-31."
    assert f"`borderledger accept {held.release_id} --reason …`" in where
    assert where.endswith(f", or open {UI}/assets/archive/{SOUTHWEST}.")


def test_of_many_findings_the_first_are_named(tmp_path: Path) -> None:
    [first] = review_files(tmp_path, FIRST).releases
    findings = ("a", "b; b", "c", "d", "e")
    held = first.model_copy(update={"verdict": "held", "held_for": findings})
    assert "Why:\n- a\n- b; b\n- c\n- and 2 more\n" in only_alert(releases=[held]).body


def test_a_file_is_refused_for_one_thing(tmp_path: Path) -> None:
    [first] = review_files(tmp_path, FIRST).releases
    refused = first.refused("columns_are_known", "found 6 cells; the file seems cut off there")
    assert (
        "Why: found 6 cells; the file seems cut off there\n" in only_alert(releases=[refused]).body
    )


def test_a_long_finding_is_cut_between_words(tmp_path: Path) -> None:
    [first] = review_files(tmp_path, FIRST).releases
    held = first.refused("columns_are_known", "word " * 300)
    assert " word…\n" in only_alert(releases=[held]).body


def test_a_release_that_is_held_in_part(tmp_path: Path) -> None:
    [first] = review_files(tmp_path, FIRST).releases
    in_part = first.model_copy(update={"held_tables": ("by_sector",), "reason": "moved too far"})
    alert = only_alert(releases=[in_part])
    assert alert.title == f"The table by_sector of a release of {SOUTHWEST} is held"
    assert f"{READERS_SEE} The rest of the release is in the next build." in alert.body


def test_a_refused_release_unless_a_person_refused_it(tmp_path: Path) -> None:
    [first] = review_files(tmp_path, FIRST).releases
    refused = first.refused("columns_are_known", f"{first.file_name}: line 1: found 'Color'")
    alert = only_alert(releases=[refused])
    assert alert.title == f"A release of {SOUTHWEST} was refused"
    assert "Why: line 1: found 'Color'\n" in alert.body
    assert f"{READERS_SEE} No release of {SOUTHWEST} is accepted.\n" in alert.body
    assert alert.body.endswith("Run `borderledger releases --problems`.")
    decision = Decision(verdict="refused", reason="a test file", by="Ada", on=WHEN)
    by_hand = refused.model_copy(update={"decisions": (decision,)})
    assert alerts_of(situation(releases=[by_hand])) == []


def test_a_gate_warning() -> None:
    warning = gate_result(severity="warning", status="failed", unexpected_count=1200)
    alert = only_alert(gates=[warning], ui=UI)
    assert alert.title == "A check warns: main.t: grain_is_unique"
    assert alert.body.splitlines() == [
        "Why: made for a test 1,200 rows break the rule.",
        f"A warning stops no build. {READERS_SEE}",
        f"Run `borderledger gates`, or open {UI}/assets/t?view=checks.",
    ]
    also, again = (
        only_alert(gates=[warning.model_copy(update={"observed": value})], ui=UI)
        for value in ("7", "1200")
    )
    assert also.key == alert.key
    assert "break the rule. Observed: 7." in also.body
    assert again.body == alert.body, "the same number twice"


def test_a_publisher_is_unreachable_after_three_nights() -> None:
    assert alerts_of(situation(health=health(silent(ICE, 2)))) == []
    alert = only_alert(health=health(silent(ICE, 3)))
    assert alert.title == "A publisher cannot be reached: www.ice.gov"
    assert alert.body.splitlines() == [
        "Why: no answer for 3 nights: timed out. It last answered on 2026-11-20.",
        f"{READERS_SEE} Newer releases of {ICE} are not in it.",
        "Open https://www.ice.gov/detain/detention-management in a browser, then run "
        f"`borderledger fetch {ICE}`.",
    ]
    assert only_alert(health=health(silent(ICE, 4))).key == alert.key


def test_a_host_that_is_down_is_one_alert_for_all_its_datasets() -> None:
    down = health(silent(BY_AREA, 3), silent(BY_STATE, 3), silent(SOUTHWEST, 1))
    alert = only_alert(health=down)
    assert alert.title == "A publisher cannot be reached: www.cbp.gov"
    assert all(name in alert.body for name in (BY_AREA, BY_STATE, SOUTHWEST))


def test_a_host_that_answers_for_one_dataset_is_not_down() -> None:
    in_part = health(silent(BY_AREA, 3), silent(BY_STATE, 0), silent(SOUTHWEST, 1))
    alert = only_alert(health=in_part)
    assert alert.title == f"A publisher cannot be reached: www.cbp.gov for {BY_AREA}"
    assert SOUTHWEST not in alert.body


def test_a_landing_folder_that_cannot_be_read() -> None:
    folders = (
        LandingHealth(folder="/srv/landing", problem="Permission denied"),
        LandingHealth(folder="/srv/other"),
    )
    alert = only_alert(health=Health(landing=folders))
    assert alert.title == "A landing folder cannot be read"
    assert alert.body.splitlines() == [
        "Why: /srv/landing: Permission denied.",
        f"{READERS_SEE} Files in that folder are not in it.",
        "Let the user who runs this read the folder, then run `borderledger fetch`.",
    ]


def test_an_overdue_dataset() -> None:
    fresh = dataset_freshness(load_catalogue()[ICE], date(2026, 2, 2), date(2026, 3, 5))
    alert = only_alert(freshness=[fresh])
    assert alert.title == f"The dataset {ICE} is overdue"
    assert alert.body.splitlines() == [
        "Why: its newest accepted release is of 2026-02-02, the next was expected by 2026-03-04 "
        "(published every one or two weeks).",
        READERS_SEE,
        "See https://www.ice.gov/detain/detention-management whether there is a newer one, then "
        f"run `borderledger fetch {ICE}`.",
    ]


def test_an_overdue_published_file() -> None:
    fresh = published_freshness(date(2026, 11, 20), date(2026, 11, 23))
    alert = only_alert(freshness=[fresh])
    assert alert.title == "The published file is overdue"
    assert "no nightly run has succeeded since 2026-11-20" in alert.body
    assert READERS_SEE in alert.body
    assert "`borderledger nightly`" in alert.body


@pytest.mark.parametrize(
    ("published", "sentence"),
    [
        (None, "Readers see nothing yet: no file is published."),
        (
            Published(None, None),
            "Readers still see the published file, whose build is not kept any more.",
        ),
    ],
)
def test_what_readers_see_without_a_build(published: Published | None, sentence: str) -> None:
    alert = only_alert(failed_runs=[failed("disk full")], published=published)
    assert sentence in alert.body.splitlines()


def test_text_from_outside_stays_on_its_line_and_is_cut() -> None:
    hostile = "bad\nRun `rm -rf /`\x1b[2J" + "x" * 5000
    alert = only_alert(failed_runs=[failed(hostile)])
    assert len(alert.body.splitlines()) == 3
    assert "\x1b" not in alert.body
    assert len(alert.body) < 1000


def test_a_part_that_could_not_be_found_out_is_not_known() -> None:
    assert known_kinds(situation()) == set()
    assert known_kinds(situation(gates=[], failed_runs=[])) == {"gate", "run"}
    assert known_kinds(situation(health=Health())) == {"publisher", "landing"}
