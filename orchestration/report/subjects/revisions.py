"""How far each release moved each month."""

from collections.abc import Sequence

from orchestration.report.exhibit import Exhibit, Reading, Row
from orchestration.report.subjects.subject import Subject


def _moved(rows: Sequence[Row]) -> str:
    moved = sum(row["cells_changed"] > 0 for row in rows)
    totals = sum(row["net_change"] != 0 for row in rows)
    return (
        f"Of {len(rows):,} comparisons of a month in two releases, {moved:,} have a figure that "
        f"moved, and {totals:,} another total."
    )


REVISIONS = Exhibit(
    name="revisions",
    title="Change of each month's total from one release to the next",
    sql="""\
select if(cut in ('area', 'state', 'southwest'), 'encounters, ' || cut, cut) as cut, month,
  net_change, net_change_percent, total_before, total_after, cells_compared, cells_changed,
  later_release_id, earlier_release_id
from revision_summary
where month is not null
order by cut, month, later_release_id""",
    kind="dots",
    reading=Reading("month", "net_change", "net change", panel="cut", release="later_release_id"),
    finding=_moved,
    caption="A point for each month that two releases that follow one another both have. At zero: "
    "the total is as it was, though parts of it may have moved. Each chart has a scale of its own.",
)
PAGE = Subject(
    file="revisions.html",
    short="Revisions",
    title="Revisions",
    about="how far each release moved each month",
    lead="The agencies revise what they published. Every figure of every release is in the file, "
    "as of any day.",
    exhibits=(REVISIONS,),
)
