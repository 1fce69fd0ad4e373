-- OHSS's other monthly tables in one form: what each counts, its label, and whose month it is. The
-- vocabulary says what a heading means, never its place. A table with a heading that is not
-- listed, or with two for one label, is left out as a whole, for that release: its parts would
-- not be known.
with headed as (
  select
    published.release_id,
    published.table_name,
    tables.subject,
    coalesce(tables.measure, {{ not_broken_down() }}) as measure,
    tables.breakdown,
    tables.region,
    tables.agency,
    tables.encounter_kind,
    tables.group_dimension,
    tables.label_dimension,
    published.month,
    published.people,
    published.correction,
    case
      when coalesce(published.heading_group, '') <> '' then groups.label
      -- a total of the table as a whole; or headings that say it all
      when labels.label like 'total%' or tables.group_dimension = tables.label_dimension then 'total'
    end as group_label,
    case
      when labels.label is not null then labels.label
      when tables.label_dimension = 'citizenship_heading' and not {{ like_a_total('published.label') }}
        then coalesce(spellings.citizenship, {{ citizenship('published.label') }})
    end as label
  from {{ ref('stg_ohss_monthly_tables') }} as published
  inner join {{ ref('ohss_tables') }} as tables on tables.table_name = published.table_name
  left join {{ source('raw', 'vocabulary') }} as groups
    on groups.dimension = tables.group_dimension
    and groups.spelling = {{ folded('published.heading_group') }}
  left join {{ source('raw', 'vocabulary') }} as labels
    on labels.dimension = tables.label_dimension
    and labels.spelling = {{ folded('published.label') }}
  left join {{ ref('citizenship_spellings') }} as spellings on spellings.published = {{ citizenship('published.label') }}
),

labelled as (
  select
    release_id,
    table_name,
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
    month,
    people,
    correction,
    label is null or (group_dimension is not null and group_label is null) as is_unlisted
  from headed
),

known as (
  select
    *,
    count(label) over (
      partition by release_id, table_name, month, region, agency, encounter_kind, action, label, outcome
    ) as columns_of_label
  from labelled
  qualify not bool_or(is_unlisted) over (partition by release_id, table_name)
),

unambiguous as (
  select *
  from known
  qualify max(columns_of_label) over (partition by release_id, table_name) = 1
)

select
  release_id,
  table_name,
  subject,
  measure,
  breakdown,
  region,
  agency,
  encounter_kind,
  action,
  label,
  outcome,
  month,
  people,
  correction
from unambiguous
where people is not null -- X and NA are not zeros
  -- the totals are the sums of the others, except where people without a known agency are in them
  and outcome <> 'total'
  and (label not like 'total%' or breakdown = 'arresting agency')
  and agency <> 'CBP'
  and 'total' not in (agency, encounter_kind, action)
-- all the convicted, or all the others, only in months without their parts
qualify breakdown <> 'criminality'
  or label not in ('Convicted criminal', 'Not convicted')
  or count(label) over (
    partition by release_id, table_name, month, outcome, {{ criminality('label') }}
  ) = 1
