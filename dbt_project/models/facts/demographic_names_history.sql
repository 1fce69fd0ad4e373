with named as (
  select distinct
    category,
    published_on,
    {{ newest_name() }} over (partition by category order by published_on) as name
  from {{ ref('demographic_names_by_release') }}
),

renamed as (
  select category, name, published_on as current_from
  from named
  qualify name is distinct from lag(name) over (partition by category order by published_on)
),

periods as (
  select
    category,
    name,
    current_from,
    lead(current_from) over (partition by category order by current_from) as current_until
  from renamed
),

used as (
  select distinct category, demographic from {{ ref('demographic_names_by_release') }}
)

select
  used.category,
  used.demographic,
  periods.name,
  periods.current_from,
  periods.current_until,
  periods.current_until is null as is_current
from used
inner join periods on periods.category = used.category
