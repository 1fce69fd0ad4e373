with published as (
  select
    release_id,
    row_number,
    month_start,
    component,
    custody_row,
    table_name,
    figure,
    corrected_column,
    corrected_figure,
    correction,
    -- the page names areas without what they are
    custody_row || case table_name
      when 'border_patrol_in_custody' then ' Sector'
      when 'field_office_inadmissibles' then ' Field Office'
    end as area_of_responsibility
  from {{ source('raw', 'cbp_custody_and_transfer_statistics') }}
  where problem is null
)

select
  published.release_id,
  published.row_number,
  published.table_name,
  published.month_start::date as month,
  {{ label('component') }} as component,
  custody_row_entry.label,
  area_of_responsibility_entry.label as area_of_responsibility,
  -- a row of the table's own total; people whom the field offices turned back in all are another
  custody_row_entry.label like 'Total%' and custody_row_entry.label <> 'Total Title 8 Inadmissibles' as is_total,
  {{ typed_figure(corrected('published.figure')) }} as people,
  published.correction
from published
{{ join_label('component') }}
{{ join_label('custody_row') }}
{{ join_label('area_of_responsibility') }}
