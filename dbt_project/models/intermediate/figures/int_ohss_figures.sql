-- OHSS's other monthly tables in one form: what each counts, its label, and whose month it is. The
-- vocabulary says what a heading means, never its place. A table with a heading that is not
-- listed, or with two for one label, is left out as a whole, for that release: its parts would
-- not be known.
with headings as (
  -- there are a few hundred, of a hundred thousand figures a release: each is looked up once
  select distinct
    table_name,
    heading_group,
    label
  from {{ ref('stg_ohss_monthly_tables') }}
),

headed as (
  select
    headings.table_name,
    headings.heading_group,
    headings.label as heading,
    tables.subject,
    coalesce(tables.measure, {{ not_broken_down() }}) as measure,
    tables.breakdown,
    tables.region,
    tables.agency,
    tables.encounter_kind,
    tables.group_dimension,
    tables.label_dimension,
    case
      when coalesce(headings.heading_group, '') <> '' then groups.label
      -- a total of the table as a whole; or headings that say it all
      when labels.label like 'total%' or tables.group_dimension = tables.label_dimension then 'total'
    end as group_label,
    case
      when labels.label is not null then labels.label
      when tables.label_dimension = 'citizenship_heading' and not {{ like_a_total('headings.label') }}
        then coalesce(spellings.citizenship, {{ citizenship('headings.label') }})
    end as label
  from headings
  inner join {{ ref('ohss_tables') }} as tables on tables.table_name = headings.table_name
  left join {{ source('raw', 'vocabulary') }} as groups
    on groups.dimension = tables.group_dimension
    and groups.spelling = {{ folded('headings.heading_group') }}
  left join {{ source('raw', 'vocabulary') }} as labels
    on labels.dimension = tables.label_dimension
    and labels.spelling = {{ folded('headings.label') }}
  left join {{ ref('citizenship_spellings') }} as spellings on spellings.published = {{ citizenship('headings.label') }}
),

labelled as (
  select
    table_name,
    heading_group,
    heading,
    subject,
    measure,
    breakdown,
    case when label_dimension = 'encounter_region' then label else coalesce(region, {{ not_broken_down() }}) end as region,
    case when group_dimension = 'custody_agency' then group_label else coalesce(agency, {{ not_broken_down() }}) end as agency,
    case
      when group_dimension = 'encounter_kind' then group_label
      else coalesce(encounter_kind, {{ not_broken_down() }})
    end as encounter_kind,
    case
      when group_dimension <> 'repatriation_action' or group_dimension is null then {{ not_broken_down() }}
      when label = 'title 42 expulsion' then label -- an action of its own, beside the totals
      else group_label
    end as action,
    case
      -- the total of the convicted, or of the others, under their merged heading
      when label_dimension = 'criminality' and label = 'total' then group_label
      when label_dimension = 'ice_book_out_outcome' then group_label
      else label
    end as label,
    case when label_dimension = 'ice_book_out_outcome' then label else {{ not_broken_down() }} end as outcome,
    label is null or (group_dimension is not null and group_label is null) as is_unlisted
  from headed
),

numbered as (
  select
    *,
    dense_rank() over (
      order by table_name, region, agency, encounter_kind, action, label, outcome
    ) as meaning,
    dense_rank() over (order by table_name, outcome, {{ criminality('label') }}) as part
  from labelled
),

published as (
  select
    figures.release_id,
    figures.month,
    figures.people,
    figures.correction,
    numbered.table_name,
    numbered.subject,
    numbered.measure,
    numbered.breakdown,
    numbered.region,
    numbered.agency,
    numbered.encounter_kind,
    numbered.action,
    numbered.label,
    numbered.outcome,
    numbered.is_unlisted,
    numbered.meaning,
    numbered.part
  from {{ ref('stg_ohss_monthly_tables') }} as figures
  inner join numbered
    on numbered.table_name = figures.table_name
    and numbered.heading is not distinct from figures.label
    and numbered.heading_group is not distinct from figures.heading_group
),

unclear as (
  select
    release_id,
    table_name
  from published
  where is_unlisted

  union

  select
    release_id,
    table_name
  from published
  group by release_id, table_name, month, meaning
  having count(*) > 1
)

select
  published.release_id,
  published.table_name,
  published.subject,
  published.measure,
  published.breakdown,
  published.region,
  published.agency,
  published.encounter_kind,
  published.action,
  published.label,
  published.outcome,
  published.month,
  published.people,
  published.correction
from published
left join unclear
  on unclear.release_id = published.release_id
  and unclear.table_name = published.table_name
where unclear.release_id is null
  and published.people is not null -- X and NA are not zeros
  -- the totals are the sums of the others, except where people without a known agency are in them
  and published.outcome <> 'total'
  and (published.label not like 'total%' or published.breakdown = 'arresting agency')
  and published.agency <> 'CBP'
  and 'total' not in (published.agency, published.encounter_kind, published.action)
-- all the convicted, or all the others, only in months without their parts
qualify published.breakdown <> 'criminality'
  or published.label not in ('Convicted criminal', 'Not convicted')
  or count(published.label) over (partition by published.release_id, published.month, published.part) = 1
