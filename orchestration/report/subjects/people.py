"""Who was encountered: citizenships, families."""

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

FAMILIES = Exhibit(
    name="families",
    title="Single adults, families and children",
    sql="""\
select month, coalesce(meaning, demographic) as who, sum(encounters) as encounters,
  bool_or(is_provisional) as is_provisional, list_distinct(list(release_id)) as release_ids
from fct_southwest_encounters
left join dim_demographic using (demographic)
group by month, who
order by month, who""",
    kind="lines",
    reading=Reading(
        "month",
        "encounters",
        "encounters",
        series="who",
        open="is_provisional",
        release="release_ids",
    ),
    caption="Southwest land border, at ports and between them. Not broken down: months of which "
    "the archive has no release with this breakdown.",
    logarithmic=True,
)
CITIZENSHIPS = Exhibit(
    name="citizenships",
    title="The twelve most frequent citizenships, by fiscal year",
    sql="""\
with by_year as (
  select fiscal_year, citizenship, sum(encounters) as encounters,
    bool_or(is_partial) as is_partial, list_distinct(flatten(list(release_ids))) as release_ids
  from encounters_by_citizenship_by_fiscal_year
  where land_border_region = 'Southwest Land Border'
    and citizenship not in ('OTHER', 'Not broken down')
  group by fiscal_year, citizenship
)
select by_year.* from by_year
semi join (
  select citizenship from by_year group by citizenship order by sum(encounters) desc limit 12
) using (citizenship)
order by sum(encounters) over (partition by citizenship) desc, citizenship, fiscal_year""",
    kind="bars",
    reading=Reading(
        "fiscal_year",
        "encounters",
        "encounters",
        panel="citizenship",
        release="release_ids",
        open="is_partial",
    ),
    caption="Southwest land border, both components. Hatched: part of a year. Each chart has a "
    "scale of its own.",
)
PAGE = Subject(
    file="people.html",
    short="Citizenships and families",
    title="Citizenships and families",
    about="who was encountered: citizenships, families, children",
    lead="Labels are those of the newest release; a category that CBP renamed is one series.",
    exhibits=(FAMILIES, CITIZENSHIPS),
)
