select
  published.release_id,
  {{ typed_count('published.calendar_year') }} as calendar_year,
  {{ typed_count(corrected('published.value')) }} as people,
  {{ typed_count("nullif(trim(published.release_notification_requests), '')") }} as notification_requests,
  {{ typed_count("nullif(trim(published.requests_denied), '')") }} as requests_denied,
  {{ first_day_of('published.stated_on') }} as stated_on,
  trim(published.source) as publisher,
  trim(published.url) as source_url,
  nullif(trim(published.note), '') as note,
  published.correction
from {{ source('raw', 'san_diego_sheriff_ice_transfers') }} as published
where published.problem is null
