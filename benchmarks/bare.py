"""The baseline: a bare DuckDB script that makes the same tables from the same files.

    python -m benchmarks.bare OUT.duckdb LANDING...

It has no archive, dbt, Great Expectations or Dagster: it is what an engineer would write who
knows the files and wants only the tables. It reads every cell as text, one file at a time, types
the cells, makes the by-release fact tables with a view of the current rows of each, makes the
headline mart, and runs 25 plain checks. It does not check columns, labels or dates as the job
does, and writes no comments or digests. It prints, as JSON, the seconds from the first statement
to the closed file, without Python's start and the import of duckdb.

What belongs here: SQL with the same meaning as `dbt_project/`. `agreement` compares the figures
of both files after each run.
"""

import calendar
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

LABELS = "title_of_authority", "encounter_type"
FULL = "fiscal_year", "month_grouping", "month_name"
COLUMNS = {
    "cbp_southwest_encounters": (
        *FULL, "component", "demographic", "citizenship", *LABELS, "encounters",
    ),
    "cbp_nationwide_encounters_by_area": (
        *FULL, "component", "land_border_region", "area_of_responsibility",
        "area_abbreviation", "demographic", "citizenship", *LABELS, "encounters",
    ),
    "cbp_nationwide_encounters_by_state": (
        *FULL, "land_border_region", "state", "demographic", "citizenship",
        "title_of_authority", "encounters",
    ),
    "cbp_southwest_migration_pages": (
        "published_on", "month", "component", "demographic", "encounters", "source_url",
    ),
    "cbp_southwest_summary": (
        "published_on", "month", "component", "demographic", *LABELS, "encounters",
    ),
    "cbp_southwest_summary_by_area": (
        "published_on", "month", "component", "area_of_responsibility", "demographic", *LABELS,
        "encounters",
    ),
    "cbp_at_large_split": ("month", "total", "at_large", "at_entry"),
}  # fmt: skip

PRELUDE = """
create macro fiscal_year(day) as year(day) + (month(day) >= 10)::integer;
create macro typed(cell) as replace(split_part(trim(cell), '.', 1), ',', '')::bigint;
create macro label(cell) as case when trim(cell) = '' then 'Not broken down' else trim(cell) end;
create macro month_of(fiscal_year, name) as make_date(
  left(fiscal_year, 4)::bigint
    - (upper(left(trim(name), 3)) in ('OCT', 'NOV', 'DEC'))::bigint,
  list_position(
    ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
    upper(left(trim(name), 3))
  ),
  1
);
create macro month_start(cell) as (left(trim(cell), 7) || '-01')::date;
create schema raw;
create table releases
  (release_id varchar, dataset varchar, published_on date, file_name varchar, repost integer);
"""

TYPED = """
create view typed_southwest as
select release_id, month_of(fiscal_year, month_name) as month, label(component) as component,
  label(demographic) as demographic, upper(trim(citizenship)) as citizenship,
  label(title_of_authority) as title_of_authority, label(encounter_type) as encounter_type,
  typed(encounters) as encounters
from raw.cbp_southwest_encounters
union all
select release_id, month_start(month), label(component), label(demographic),
  'Not broken down', label(title_of_authority), label(encounter_type), typed(encounters)
from raw.cbp_southwest_summary
union all
select release_id, month_start(month), label(component), label(demographic), 'Not broken down',
  'Not broken down', 'Not broken down', typed(encounters)
from raw.cbp_southwest_migration_pages;

create view typed_area as
select release_id, month_of(fiscal_year, month_name) as month,
  label(land_border_region) as land_border_region, label(component) as component,
  label(area_of_responsibility) as area_of_responsibility, label(demographic) as demographic,
  upper(trim(citizenship)) as citizenship, label(title_of_authority) as title_of_authority,
  label(encounter_type) as encounter_type, typed(encounters) as encounters
from raw.cbp_nationwide_encounters_by_area
union all
select release_id, month_start(month), 'Southwest Land Border', label(component),
  label(area_of_responsibility), label(demographic), 'Not broken down',
  label(title_of_authority), label(encounter_type), typed(encounters)
from raw.cbp_southwest_summary_by_area;

create view typed_state as
select release_id, month_of(fiscal_year, month_name) as month,
  label(land_border_region) as land_border_region, label(state) as state,
  label(demographic) as demographic, upper(trim(citizenship)) as citizenship,
  label(title_of_authority) as title_of_authority, typed(encounters) as encounters
from raw.cbp_nationwide_encounters_by_state;

create table months as
select release_id, min(month) as first_month, max(month) as last_month
from (
  select release_id, month from typed_southwest
  union all select release_id, month from typed_area
  union all select release_id, month from typed_state
)
group by release_id;

create table demographic_names as
with used as (
  select distinct release_id, demographic from typed_southwest
  union select distinct release_id, demographic from typed_area
  union select distinct release_id, demographic from typed_state
)
select case demographic when 'UC / Single Minors' then 'UAC' else demographic end as category,
  arg_max(demographic, (published_on, demographic = 'UAC', release_id)) as name
from used inner join releases using (release_id)
group by all;
"""

FACT = """
create table {table}_by_release as
with covered as (
  select release_id, month, {region} as region, {detail} as detail
  from {typed} group by all
),
ranked as (
  select release_id, month, region,
    row_number() over (
      partition by month, region
      order by published_on desc, detail desc, last_month desc, repost desc, release_id
    ) = 1 as is_current
  from covered inner join releases using (release_id) inner join months using (release_id)
)
select typed.month, fiscal_year(typed.month) as fiscal_year, {before},
  coalesce(names.name, typed.demographic) as demographic, {after}, typed.encounters,
  typed.release_id, ranked.is_current, typed.demographic as demographic_as_published
from {typed} as typed
inner join ranked
  on ranked.release_id = typed.release_id and ranked.month = typed.month
  and ranked.region = {region}
left join demographic_names as names
  on names.category = case typed.demographic
    when 'UC / Single Minors' then 'UAC' else typed.demographic end;

create view {table} as
select * exclude (is_current, demographic_as_published) from {table}_by_release where is_current;
"""


@dataclass(frozen=True)
class Cut:
    """One cut's fact table: its dimensions before and after `demographic`."""

    table: str
    typed: str
    region: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def grain(self) -> str:
        return ", ".join(("month", *self.before, "demographic", *self.after))


SOUTHWEST = Cut(
    "fct_southwest_encounters",
    "typed_southwest",
    "'Southwest Land Border'",
    ("component",),
    ("citizenship", *LABELS),
)
AREA = Cut(
    "fct_encounters",
    "typed_area",
    "land_border_region",
    ("land_border_region", "component", "area_of_responsibility"),
    ("citizenship", *LABELS),
)
STATE = Cut(
    "fct_encounters_by_state",
    "typed_state",
    "land_border_region",
    ("land_border_region", "state"),
    ("citizenship", "title_of_authority"),
)
CUTS = (SOUTHWEST, AREA, STATE)

MART = """
create table southwest_border_monthly as
with published as (
  select month, release_id, 1 as preference,
    sum(encounters) filter (where component = 'U.S. Border Patrol') as between_ports,
    sum(encounters) filter (where component = 'Office of Field Operations') as at_ports,
    null::bigint as total
  from fct_southwest_encounters group by all
  union all
  select month, release_id, 2,
    sum(encounters) filter (where component = 'U.S. Border Patrol'),
    sum(encounters) filter (where component = 'Office of Field Operations'), null
  from fct_encounters where land_border_region = 'Southwest Land Border' group by all
  union all
  select month, release_id, 3, null, null, sum(encounters)
  from fct_encounters_by_state where land_border_region = 'Southwest Land Border' group by all
  union all
  select month_start(month), release_id, 4, typed(total), null, null from raw.cbp_at_large_split
),
dated as (
  select month, release_id, between_ports, at_ports,
    coalesce(total, between_ports + at_ports) as total,
    between_ports is not null and at_ports is not null as is_complete,
    (published_on, -preference, release_id) as newness
  from published inner join releases using (release_id)
  qualify is_complete or not bool_or(is_complete) over (partition by month)
),
headline as (
  select month,
    arg_max(between_ports, newness)::bigint as between_ports,
    arg_max(at_ports, newness)::bigint as at_ports,
    arg_max(total, newness)::bigint as total
  from dated group by month
),
at_large as (
  select month_start(month) as month,
    arg_max(typed(at_large), (published_on, release_id)) as at_large
  from raw.cbp_at_large_split inner join releases using (release_id) group by all
),
figures as (
  select headline.*, at_large.at_large from headline left join at_large using (month)
),
spine as (
  select day::date as month, figures.between_ports, figures.total
  from (
    select unnest(generate_series(min(month), max(month), interval 1 month)) as day from figures
  )
  left join figures on figures.month = day
)
select figures.month, fiscal_year(figures.month) as fiscal_year,
  figures.between_ports, figures.at_ports, figures.total, figures.at_large,
  {changes}
from figures
left join spine as month_before on month_before.month = figures.month - interval 1 month
left join spine as year_before on year_before.month = figures.month - interval 1 year;
"""
CHANGE = """
  round(100.0 * (figures.{series} - {before}.{series}) / nullif({before}.{series}, 0), 1)::double
    as {series}_{before}_change_percent"""
SINCE = """
  (
    select arg_max(
      case when earlier.{series} is not null then earlier.month end, earlier.month, 1
    )[1]
    from spine as earlier
    where earlier.month < figures.month and figures.{series} is not null
      and (earlier.{series} is null or earlier.{series} {comparison} figures.{series})
  ) as {series}_{word}_since"""

COMPONENTS = "('U.S. Border Patrol', 'Office of Field Operations')"
REGIONS = "('Northern Land Border', 'Southwest Land Border', 'Other')"


def main() -> None:
    """Build OUT from the landing folders and print the seconds as JSON."""
    out, folders = Path(sys.argv[1]), [Path(folder) for folder in sys.argv[2:]]
    wall, cpu = time.perf_counter(), time.process_time()
    connection = duckdb.connect(str(out))
    files = read(connection, folders)
    connection.execute(TYPED)
    for cut in CUTS:
        connection.execute(_fact(cut))
    connection.execute(_mart())
    ran = check(connection)
    connection.close()
    seconds = {
        "wall_seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
    }
    print(json.dumps(seconds | {"files": files, "checks": ran}))


def read(connection: duckdb.DuckDBPyConnection, folders: list[Path]) -> int:
    """Load every file as text into its dataset's raw table. Returns the number of files."""
    connection.execute(PRELUDE)
    for dataset, columns in COLUMNS.items():
        declared = ", ".join(f"{name} varchar" for name in ("release_id", *columns))
        connection.execute(f"create table raw.{dataset} ({declared}, row_number integer)")
    files = [
        path
        for folder in folders
        for dataset in COLUMNS
        for path in sorted((folder / dataset).glob("*/*.csv"))
    ]
    for path in files:
        dataset, published = path.parts[-3], path.parts[-2]
        release_id = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        connection.execute(
            f"insert into releases values ('{release_id}', '{dataset}', '{_day(published)}',"
            f" '{path.name}', coalesce(try_cast("
            f"regexp_extract('{path.name}', '_(\\d{{1,2}})\\.[A-Za-z]+$', 1) as integer), -1))"
        )
        connection.execute(
            f"insert into raw.{dataset} select '{release_id}', *, row_number() over ()"
            f" from read_csv('{path}', header = true, all_varchar = true,"
            " delim = ',', quote = '\"', null_padding = false, nullstr = '\\N')"
        )
    return len(files)


def check(connection: duckdb.DuckDBPyConnection) -> int:
    """Run the checks, each a query that counts bad rows. Returns the number of checks; exits with a
    message if one finds a bad row."""
    checks = [*_checks()]
    for query in checks:
        bad = connection.execute(query).fetchall()[0][0]
        if bad:
            raise SystemExit(f"found {bad} bad rows, expected none: {query}")
    return len(checks)


def _checks() -> list[str]:
    checks = []
    for cut in CUTS:
        table, by_release = cut.table, f"{cut.table}_by_release"
        keys = " or ".join(f"{name} is null" for name in cut.grain.split(", "))
        checks += [
            f"select count(*) from {by_release} where {keys} or release_id is null",
            f"select count(*) from {by_release} where encounters is null"
            " or encounters not between 0 and 300000",
            f"select count(*) - count(distinct ({cut.grain})) from {table}",
            f"select count(*) - count(distinct (release_id, {cut.grain},"
            f" demographic_as_published)) from {by_release}",
            f"select (select count(*) from {by_release}) - (select count(*) from {cut.typed})",
            "select count(*) from (select 1 from"
            f" (select distinct month, {cut.region} as region, release_id from {table})"
            " group by month, region having count(*) > 1)",
            f"select count(*) from {table} where fiscal_year not between 2000 and 2100",
        ]
    checks += [
        f"select count(*) from fct_southwest_encounters where component not in {COMPONENTS}",
        f"select count(*) from fct_encounters where component not in {COMPONENTS}",
        f"select count(*) from fct_encounters where land_border_region not in {REGIONS}",
        f"select count(*) from fct_encounters_by_state where land_border_region not in {REGIONS}",
    ]
    return checks


def _fact(cut: Cut) -> str:
    broken_down = (*cut.before, "demographic", *cut.after)
    return FACT.format(
        table=cut.table,
        typed=cut.typed,
        region=cut.region,
        before=", ".join(f"typed.{name}" for name in cut.before),
        after=", ".join(f"typed.{name}" for name in cut.after),
        detail=" + ".join(
            f"max(({name} <> 'Not broken down')::integer)"
            for name in broken_down
            if name != cut.region
        ),
    )


def _mart() -> str:
    changes = [
        part
        for series in ("between_ports", "total")
        for part in (
            *(CHANGE.format(series=series, before=b) for b in ("month_before", "year_before")),
            SINCE.format(series=series, word="lowest", comparison="<="),
            SINCE.format(series=series, word="highest", comparison=">="),
        )
    ]
    return MART.format(changes=",".join(changes).strip())


def _day(published: str) -> str:
    """The publication day. A file dated by month counts as published on the month's last day."""
    if len(published) > len("2024-10"):
        return published
    year, month = map(int, published.split("-"))
    return f"{published}-{calendar.monthrange(year, month)[1]}"


if __name__ == "__main__":
    main()
