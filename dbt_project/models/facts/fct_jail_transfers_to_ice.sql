-- a year that was transcribed again is taken from the last transcription
with dated as (
  select transfers.*, releases.published_on
  from {{ ref('stg_san_diego_sheriff_ice_transfers') }} as transfers
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = transfers.release_id
)

select
  calendar_year,
  people,
  notification_requests,
  requests_denied,
  stated_on <= make_date(calendar_year::integer, 12, 31) as is_partial,
  stated_on,
  publisher,
  source_url,
  note,
  release_id,
  correction
from dated
qualify row_number() over (partition by calendar_year order by published_on desc, release_id desc) = 1
