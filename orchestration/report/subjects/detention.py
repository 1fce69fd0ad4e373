"""People in ICE detention, and under its supervision."""

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

POPULATION = Exhibit(
    name="detention-population",
    title="In ICE detention on the day of each workbook, by criminality",
    sql="""\
select as_of_date, criminality, sum(people) as people,
  list_distinct(list(release_id)) as release_ids
from fct_detention_population
where breakdown = 'arresting agency and criminality'
group by as_of_date, criminality
order by as_of_date, criminality""",
    kind="dots",
    reading=Reading(
        "as_of_date", "people", "people", series="criminality", release="release_ids", days=True
    ),
    caption="A point for each workbook in the archive. What happened between them is not known "
    "here.",
)
AVERAGE = Exhibit(
    name="detention-average",
    title="On an average day of each month, by arresting agency",
    sql="""\
select period_start as month, arresting_agency, round(sum(average_people)) as average_people,
  bool_or(is_provisional) as is_provisional, list_distinct(list(release_id)) as release_ids
from fct_detention_daily_population
where period = 'month' and breakdown = 'arresting agency and criminality'
group by month, arresting_agency
order by month, arresting_agency""",
    kind="lines",
    reading=Reading(
        "month",
        "average_people",
        "people on an average day",
        series="arresting_agency",
        open="is_provisional",
        release="release_ids",
    ),
    caption="Averages: never add up months. The line breaks where no workbook has the month.",
)
BOOK_INS = Exhibit(
    name="detention-book-ins",
    title="Booked into detention each month, by arresting agency",
    sql="""\
select month, arresting_agency, people, is_provisional, release_id
from fct_detention_book_ins
order by month, arresting_agency""",
    kind="lines",
    reading=Reading("month", "people", "people", series="arresting_agency", open="is_provisional"),
    caption="The last month of a workbook may go to its day only.",
)
REMOVED_PER_DAY = Exhibit(
    name="ice-removals-per-day",
    title="ICE's removals per day, between two workbooks",
    sql="""\
select to_date, from_date, days, people, people_per_day,
  [earlier_release_id, later_release_id] as release_ids
from ice_removals_between_releases
where people_per_day is not null
order by to_date""",
    kind="dots",
    reading=Reading(
        "to_date", "people_per_day", "removals a day", release="release_ids", days=True
    ),
    caption="The difference of two totals of the year to date, by the days between them.",
)
ALTERNATIVES = Exhibit(
    name="alternatives-to-detention",
    title="Under ICE's supervision, by technology",
    sql="""\
select as_of_date, technology, sum(people) as people,
  list_distinct(list(release_id)) as release_ids
from fct_alternatives_to_detention
group by as_of_date, technology
order by as_of_date, technology""",
    kind="dots",
    reading=Reading(
        "as_of_date", "people", "people", series="technology", release="release_ids", days=True
    ),
    caption="Alternatives to detention, on the day of each workbook.",
)
PAGE = Subject(
    file="detention.html",
    short="Detention",
    title="ICE detention",
    about="people in detention, booked in, removed a day, and supervised",
    lead="ICE publishes a workbook every one or two weeks. Each has one fiscal year, and replaces "
    "the one before it.",
    exhibits=(POPULATION, AVERAGE, BOOK_INS, REMOVED_PER_DAY, ALTERNATIVES),
)
