-- Every series that a claim can be tested against, as each release reports it. A figure is known
-- between two bounds: equal for an exact count, 5 to each side of one that was rounded to 10, and
-- without an upper bound where only a part was counted or only "more than" was said.
with cells as (
  select
    release_id,
    month,
    component,
    'Southwest Land Border' as region,
    demographic,
    citizenship,
    {{ not_broken_down() }} as area,
    encounters
  from {{ ref('fct_southwest_encounters_by_release') }}

  union all

  -- CBP's nationwide file, which has the southwest border in it
  select
    release_id,
    month,
    component,
    land_border_region,
    demographic,
    citizenship,
    area_of_responsibility,
    encounters
  from {{ ref('fct_encounters_by_release') }}
),

-- first of all, since there are far fewer sums than cells
summed as (
  select
    release_id,
    month,
    component,
    region,
    case
      when grouping(demographic) = 0 then 'demographic'
      when grouping(citizenship) = 0 then 'citizenship'
      when grouping(area) = 0 then 'area'
      else 'All'
    end as breakdown,
    coalesce(demographic, citizenship, area, 'All') as label,
    sum(encounters) as people
  from cells
  group by grouping sets (
    (release_id, month, component, region),
    (release_id, month, component, region, demographic),
    (release_id, month, component, region, citizenship),
    (release_id, month, component, region, area)
  )
),

of_subjects as (
  select
    'southwest encounters' as subject,
    release_id,
    month,
    component,
    breakdown,
    label,
    people
  from summed
  -- the southwest files name four citizenships, the nationwide ones 21: OTHER is not the same
  where region = 'Southwest Land Border' and not (breakdown = 'citizenship' and label = 'OTHER')

  union all

  select
    'nationwide encounters',
    summed.release_id,
    summed.month,
    summed.component,
    nationwide.breakdown,
    nationwide.label,
    summed.people
  from summed
  cross join lateral (
    values
    (summed.breakdown, summed.label),
    (case when summed.breakdown = 'All' then 'region' end, summed.region)
  ) as nationwide (breakdown, label)
  where nationwide.breakdown is not null
    -- the bundled sums are of the southwest border only
    and summed.release_id in (
      select others.release_id from summed as others where others.region <> 'Southwest Land Border'
    )
),

-- a month of a release that lacks a component has no total
of_measures as (
  select
    release_id,
    month,
    breakdown,
    label,
    people,
    subject || case component
      when 'U.S. Border Patrol' then ' between ports'
      when 'Office of Field Operations' then ' at ports'
    end as measure
  from of_subjects

  union all

  select release_id, month, breakdown, label, people, subject
  from of_subjects
  qualify min(component) over (partition by subject, release_id, month)
    <> max(component) over (partition by subject, release_id, month)
),

counted as (
  select
    release_id,
    month,
    measure,
    breakdown,
    label,
    sum(people) as people
  from of_measures
  where measure is not null
  group by release_id, month, measure, breakdown, label
),

deportations as (
  select
    release_id,
    period_start as month,
    rounded_to,
    sum(people) filter (where agency = 'DHS' and action = 'removal') as removals,
    sum(people) filter (where agency = 'DHS' and action = 'enforcement return') as enforcement_returns,
    sum(people) filter (where agency = 'DHS' and action = 'administrative return') as administrative_returns,
    sum(people) filter (where agency = 'DHS' and action = 'title 42 expulsion') as expulsions,
    sum(people) filter (where agency = 'ICE' and action = 'removal or return') as ice_removals_and_returns
  from {{ ref('fct_deportations_by_release') }}
  group by release_id, period_start, rounded_to
),

stated as (
  select
    statements.release_id,
    statements.stated_on,
    names.measure,
    statements.period_start,
    statements.period_end,
    statements.people,
    statements.is_exact,
    statements.is_at_least,
    statements.qualifier,
    statements.source_url
  from {{ ref('stg_official_statements') }} as statements
  inner join {{ ref('measure_names') }} as names on names.name = statements.metric
  where statements.people is not null
),

figures as (
  select
    measure,
    breakdown,
    label,
    month as period_start,
    last_day(month) as period_end,
    people as lower_bound,
    people as upper_bound,
    'exact' as kind,
    1 as preference,
    release_id,
    null::date as stated_on,
    null::varchar as source_url
  from counted
  where label <> {{ not_broken_down() }}

  union all

  select
    'southwest encounters',
    'All',
    'All',
    month,
    last_day(month),
    sum(encounters),
    sum(encounters),
    'exact',
    1,
    release_id,
    null::date,
    null::varchar
  from {{ ref('fct_encounters_by_state_by_release') }}
  where land_border_region = 'Southwest Land Border'
  group by month, release_id

  union all

  -- later than the files, and only where none of them has the month
  select
    'southwest encounters between ports',
    'All',
    'All',
    month,
    last_day(month),
    between_ports as lower_bound,
    between_ports as upper_bound,
    'exact',
    11,
    release_id,
    null::date,
    null::varchar
  from {{ ref('stg_cbp_at_large_split') }}

  union all

  select
    rounded.measure,
    'All',
    'All',
    months.month,
    last_day(months.month),
    greatest(rounded.people - 5 * rounded.parts, 0),
    rounded.people + 5 * rounded.parts,
    'rounded',
    1,
    months.release_id,
    null::date,
    null::varchar
  from {{ ref('int_southwest_rounded') }} as months
  cross join lateral (
    values
    ('southwest encounters between ports', months.between_ports, 1),
    ('southwest encounters at ports', months.at_ports, 1),
    ('southwest encounters', months.between_ports + months.at_ports, 2)
  ) as rounded (measure, people, parts)
  where rounded.people is not null

  union all

  {% for breakdown, label in [('sector', 'sector'), ('region', 'land_border_region')] %}
  select
    'Border Patrol encounters',
    '{{ breakdown }}',
    {{ label }},
    month,
    last_day(month),
    greatest(encounters - rounded_to // 2, 0),
    encounters + rounded_to // 2,
    'rounded',
    1,
    release_id,
    null::date,
    null::varchar
  from {{ ref('fct_border_patrol_by_' ~ breakdown ~ '_by_release') }}

  union all
  {% endfor %}

  select
    monthly.measure,
    monthly.breakdown,
    monthly.label,
    months.month,
    last_day(months.month),
    greatest(monthly.people - coalesce(months.rounded_to, 0) * monthly.parts // 2, 0),
    monthly.people + coalesce(months.rounded_to, 0) * monthly.parts // 2,
    case when coalesce(months.rounded_to, 1) > 1 then 'rounded' else 'exact' end,
    1,
    months.release_id,
    null::date,
    null::varchar
  from deportations as months
  cross join lateral (
    values
    ('DHS removals', 'All', 'All', months.removals, 1),
    ('DHS returns', 'All', 'All', months.enforcement_returns + months.administrative_returns, 2),
    (
      'DHS repatriations',
      'All',
      'All',
      months.removals + months.enforcement_returns + months.administrative_returns,
      3
    ),
    ('DHS repatriations', 'action', 'removal', months.removals, 1),
    ('DHS repatriations', 'action', 'enforcement return', months.enforcement_returns, 1),
    ('DHS repatriations', 'action', 'administrative return', months.administrative_returns, 1),
    ('DHS expulsions', 'All', 'All', months.expulsions, 1),
    ('ICE removals and returns', 'All', 'All', months.ice_removals_and_returns, 1)
  ) as monthly (measure, breakdown, label, people, parts)
  where monthly.people is not null

  union all

  {% for table, breakdown, label, parts in [
    ('fct_custody_outcomes_by_release', 'All', "'All'", {
      'southwest releases from Border Patrol custody': "agency = 'USBP' and outcome = 'release'",
      'southwest paroles at ports': "agency = 'OFO' and outcome = 'parole'",
    }),
    ('fct_custody_outcomes_by_family_status_by_release', 'family status', 'family_status', {
      'southwest releases from Border Patrol custody': "outcome = 'release'",
      'southwest paroles at ports': "outcome = 'parole'",
    }),
  ] -%}
  {% for measure, condition in parts.items() -%}
  select
    '{{ measure }}',
    '{{ breakdown }}',
    {{ label }},
    month,
    last_day(month),
    greatest(people - rounded_to // 2, 0),
    people + rounded_to // 2,
    'rounded',
    1,
    release_id,
    null::date,
    null::varchar
  from {{ ref(table) }}
  where {{ condition }}

  union all
  {% endfor %}
  {%- endfor %}

  -- who is in Other changes from release to release
  select
    broken_down.measure,
    broken_down.breakdown,
    case broken_down.breakdown
      when 'citizenship' then coalesce(spellings.citizenship, {{ citizenship('cells.label') }})
      else upper(cells.series)
    end as part,
    cells.month,
    last_day(cells.month),
    greatest(cells.people - 5, 0),
    cells.people + 5,
    'rounded',
    1,
    cells.release_id,
    null::date,
    null::varchar
  from {{ ref('stg_ohss_monthly_tables') }} as cells
  inner join (
    values
    ('removals_by_citizenship', 'DHS removals', 'citizenship'),
    ('removals_by_arresting_agency', 'DHS removals', 'arresting agency'),
    ('ice_removals_and_returns_by_citizenship', 'ICE removals and returns', 'citizenship'),
    ('ice_removals_and_returns_by_arresting_agency', 'ICE removals and returns', 'arresting agency')
  ) as broken_down (table_name, measure, breakdown) on broken_down.table_name = cells.table_name
  left join {{ ref('citizenship_spellings') }} as spellings
    on spellings.published = {{ citizenship('cells.label') }}
  where cells.people is not null
    and cells.series <> 'total'
    and part not in ('', 'OTHER')

  union all

  select
    'ICE removals',
    'All',
    'All',
    period_start,
    period_end,
    people,
    case when not is_partial then people end,
    case when is_partial then 'partial' else 'exact' end,
    1,
    release_id,
    null::date,
    null::varchar
  from {{ ref('fct_deportations_by_release') }}
  where agency = 'ICE' and action = 'removal' and period_end is not null

  union all

  select
    measure,
    'All',
    'All',
    period_start,
    period_end,
    case when qualifier = 'rounded to 10' then people - 5 else people + is_at_least::integer end,
    case when qualifier = 'rounded to 10' then people + 5 when not is_at_least then people end,
    case
      when is_exact then 'exact'
      when qualifier = 'rounded to 10' then 'rounded'
      else 'stated'
    end,
    3,
    release_id,
    stated_on,
    source_url
  from stated

  union all

  -- two parts that one release states on one day add up to the whole
  select
    sums.measure,
    'All',
    'All',
    stated.period_start,
    stated.period_end,
    sum(stated.people),
    sum(stated.people),
    'exact',
    3,
    stated.release_id,
    stated.stated_on,
    min(stated.source_url)
  from stated
  inner join (
    values
    ('southwest encounters', 'southwest encounters between ports'),
    ('southwest encounters', 'southwest encounters at ports'),
    ('DHS repatriations', 'DHS removals'),
    ('DHS repatriations', 'DHS returns')
  ) as sums (measure, part) on sums.part = stated.measure
  where stated.is_exact
  group by sums.measure, stated.period_start, stated.period_end, stated.stated_on, stated.release_id
  having count(distinct stated.measure) = 2

  union all

  select
    'San Diego County street releases',
    'All',
    'All',
    period_start,
    period_end,
    case
      when regexp_matches(qualifier, 'up to|as many as|nearly|almost') then 0
      when regexp_matches(qualifier, 'over|more than') then people + 1
      when regexp_matches(qualifier, 'about|around|estimated') then people * 95 // 100
      else coalesce(people_at_least, people)
    end,
    case
      when regexp_matches(qualifier, 'about|around|estimated') then people * 105 // 100
      when not regexp_matches(qualifier, 'over|more than') then people
    end,
    'stated',
    3,
    release_id,
    stated_on,
    url
  from {{ ref('fct_street_releases') }}
  where measure = 'street releases' and count_type not in ('daily average', 'weekly average')
)

select
  figures.measure,
  figures.breakdown,
  figures.label,
  figures.period_start,
  figures.period_end,
  figures.lower_bound::bigint as lower_bound,
  figures.upper_bound::bigint as upper_bound,
  figures.kind,
  (figures.preference + contains(releases.dataset, '_summary')::integer)::bigint as preference,
  coalesce(figures.stated_on, releases.published_on) as published_on,
  figures.release_id,
  case
    when figures.stated_on is not null then figures.source_url
    -- an inferred URL is no evidence
    when not releases.source_url_is_inferred then releases.source_url
    else releases.landing_page
  end as source_url
from figures
inner join {{ ref('stg_releases') }} as releases on releases.release_id = figures.release_id
where figures.lower_bound is not null
  and figures.period_start is not null
  and figures.period_end is not null
