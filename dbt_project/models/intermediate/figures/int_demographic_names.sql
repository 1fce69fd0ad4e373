-- A category that CBP renamed (UC / Single Minors, now UAC) goes by the name in the newest
-- release of any cut, so that one person's word for it holds in every table.
select category, {{ newest_name() }} as name
from {{ ref('demographic_names_by_release') }}
group by category
