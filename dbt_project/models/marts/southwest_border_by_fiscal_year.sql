{% set cells -%}
(
  select
    monthly.month,
    figures.series,
    figures.encounters,
    figures.release_id,
    monthly.is_provisional
  from {{ ref('southwest_border_monthly') }} as monthly
  cross join lateral (
    values
    ('between ports', monthly.between_ports, monthly.between_ports_release_id),
    ('at ports', monthly.at_ports, monthly.at_ports_release_id),
    ('total', monthly.total, monthly.total_release_id)
  ) as figures (series, encounters, release_id)
  where figures.encounters is not null
)
{%- endset %}
-- A year of which months are missing is marked, and compared with the same months of the year before.
{{ by_fiscal_year(cells, places=['series']) }}
