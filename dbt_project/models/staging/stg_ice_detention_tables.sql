-- The label of each axis in listed form; on an open axis, an unlisted one as published.
with axes as (
  select
    listed.table_name,
    listed.group_dimension,
    listed.row_dimension,
    listed.column_dimension
  from (
    values
    ('book_ins_by_agency_and_month', null, 'detention_agency', 'detention_month'),
    ('population_by_criminality', null, 'detention_criminality', 'detention_agency'),
    ('population_by_disposition', null, 'detention_disposition', 'detention_facility_type'),
    ('book_outs_by_reason_and_month', 'detention_release_reason', 'detention_criminality', 'detention_month'),
    ('book_outs_by_reason', null, 'detention_release_reason', 'detention_criminality'),
    ('daily_population_by_agency', 'detention_agency', 'detention_criminality', 'detention_month'),
    ('daily_population_by_facility_type', null, 'detention_facility_type', 'detention_month'),
    ('length_of_stay_by_agency', 'detention_agency', 'detention_criminality', 'detention_month'),
    ('length_of_stay_by_facility_type', null, 'detention_facility_type', 'detention_month'),
    ('alternatives_to_detention', 'supervision_area', 'supervision_technology', 'supervision_figure')
  ) as listed (table_name, group_dimension, row_dimension, column_dimension)
),

published as (
  select
    release_id,
    table_name,
    title,
    {{ typed_year('fiscal_year') }} as fiscal_year,
    nullif(updated_through, '')::date as updated_through,
    row_group,
    row_label,
    label,
    role,
    {{ typed_figure(corrected('figure')) }} as people,
    try_cast(replace({{ unpadded('mean') }}, ',', '') as double) as mean,
    correction
  from {{ source('raw', 'ice_detention_statistics') }}
  where problem is null
),

-- a sheet of an earlier year may be left inside; the alternatives to detention say their own day
newest as (
  select release_id, max(fiscal_year) as fiscal_year
  from published
  where table_name <> 'alternatives_to_detention'
  group by release_id
)

select
  published.release_id,
  published.table_name,
  published.title,
  published.fiscal_year,
  -- where the footnote on removals was left over from another year
  coalesce(
    published.updated_through,
    max(published.updated_through) over (partition by published.release_id, published.fiscal_year)
  ) as updated_through,
  {{ on_axis('detention_agency') }} as arresting_agency,
  {{ on_axis('detention_criminality') }} as criminality,
  {{ on_axis('detention_facility_type') }} as facility_type,
  {{ on_axis('detention_disposition') }} as disposition,
  {{ on_axis('detention_release_reason') }} as reason,
  {{ on_axis('supervision_area') }} as area,
  {{ on_axis('supervision_technology') }} as technology,
  {{ on_axis('detention_month') }} as month_name,
  published.role,
  published.people,
  published.mean,
  published.correction
from published
inner join axes on axes.table_name = published.table_name
inner join newest on newest.release_id = published.release_id
left join {{ source('raw', 'vocabulary') }} as group_entry
  on group_entry.dimension = axes.group_dimension
  and group_entry.spelling = {{ folded('published.row_group') }}
left join {{ source('raw', 'vocabulary') }} as row_entry
  on row_entry.dimension = axes.row_dimension
  and row_entry.spelling = {{ folded('published.row_label') }}
left join {{ source('raw', 'vocabulary') }} as column_entry
  on column_entry.dimension = axes.column_dimension
  and column_entry.spelling = {{ folded('published.label') }}
where published.table_name = 'alternatives_to_detention' or published.fiscal_year = newest.fiscal_year
