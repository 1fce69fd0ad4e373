{% set outcomes_of = {
  'USBP': ['t8_repatriations', 't42_expulsions', 'migrant_protection_protocols', 'transfers_to_ice', 'transfers_to_hhs', 'usbp_releases', 'other_outcomes'],
  'OFO': ['t8_repatriations', 't42_expulsions', 'migrant_protection_protocols', 'transfers_to_ice', 'transfers_to_hhs', 'ofo_paroles', 'other_outcomes'],
} -%}
select
  published.release_id,
  published.month_start::date as month,
  outcomes.agency,
  outcomes.heading,
  {{ typed_figure('outcomes.figure') }} as people,
  outcomes.correction
from {{ source('raw', 'ohss_monthly_web_table') }} as published
cross join lateral (
  values
    {% for agency, headings in outcomes_of.items() -%}
    {% set last_agency = loop.last -%}
    {% for heading in headings -%}
    {% set column = 'published.book_outs_' ~ agency | lower ~ '_' ~ heading -%}
    ('{{ agency }}', '{{ heading | replace('_', ' ') }}', {{ corrected(column) }}, {{ correction_of(column) }}){{ ',' if not (last_agency and loop.last) }}
    {% endfor -%}
    {% endfor %}
) as outcomes (agency, heading, figure, correction)
where published.problem is null
  and published.month_start is not null
  and {{ typed_figure('outcomes.figure') }} is not null -- X: not applicable
