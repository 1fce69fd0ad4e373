"""Sectors and field offices."""

from dataclasses import replace

from orchestration.report.exhibit import Exhibit, Reading
from orchestration.report.subjects.subject import Subject

BY_AREA = Reading("month", "encounters", "encounters", panel="area", open="is_provisional")
SECTORS = Exhibit(
    name="sectors-since-1999",
    title="Border Patrol sectors of the southwest border, by month since October 1999",
    sql="""\
select month, sector as area, encounters, is_provisional, release_id
from fct_border_patrol_by_sector
where sector in (
  select area_of_responsibility from dim_area
  where kind = 'sector' and land_border_regions like '%Southwest Land Border%'
)
order by area, month""",
    kind="lines",
    reading=BY_AREA,
    caption="OHSS's series, rounded to 10. Each chart has a scale of its own.",
    logarithmic=True,
)


def _counted_by_cbp(name: str, title: str, component: str, caption: str) -> Exhibit:
    """The areas of a component at the southwest border, in CBP's own count."""
    return Exhibit(
        name=name,
        title=title,
        sql=f"""\
select month, area_of_responsibility as area, sum(encounters) as encounters,
  bool_or(is_provisional) as is_provisional, list_distinct(list(release_id)) as release_ids
from fct_encounters
where land_border_region = 'Southwest Land Border' and component = '{component}'
group by month, area
order by area, month""",
        kind="lines",
        reading=replace(BY_AREA, release="release_ids"),
        caption=caption,
        logarithmic=True,
    )


CBP_SECTORS = _counted_by_cbp(
    "sectors",
    "The same sectors, CBP's own count",
    "U.S. Border Patrol",
    "Exact figures, of fewer years.",
)
FIELD_OFFICES = _counted_by_cbp(
    "field-offices",
    "Field offices of the southwest border",
    "Office of Field Operations",
    "At ports of entry. Each chart has a scale of its own.",
)
PAGE = Subject(
    file="areas.html",
    short="Sectors and field offices",
    title="Sectors and field offices",
    about="a small chart for each sector and field office of the southwest border",
    lead="Where people were encountered. Sectors are the Border Patrol's, between ports; field "
    "offices are those of Field Operations, at ports.",
    exhibits=(SECTORS, CBP_SECTORS, FIELD_OFFICES),
)
