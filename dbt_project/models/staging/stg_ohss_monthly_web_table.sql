select
  published.release_id,
  2 as preference,
  published.month_start::date as period_start,
  last_day(published.month_start::date) as period_end,
  'DHS' as agency,
  actions.action,
  {{ typed_figure('actions.figure') }} as people,
  10 as rounded_to,
  false as is_partial,
  actions.correction
from {{ source('raw', 'ohss_monthly_web_table') }} as published
cross join lateral (
  values
    ('removal', {{ corrected('published.repatriations_removals') }}, {{ correction_of('published.repatriations_removals') }}),
    ('enforcement return', {{ corrected('published.repatriations_enforcement_returns') }}, {{ correction_of('published.repatriations_enforcement_returns') }}),
    ('administrative return', {{ corrected('published.repatriations_administrative_returns') }}, {{ correction_of('published.repatriations_administrative_returns') }}),
    ('title 42 expulsion', {{ corrected('published.repatriations_title_42_expulsions') }}, {{ correction_of('published.repatriations_title_42_expulsions') }})
) as actions (action, figure, correction)
where published.problem is null
  and published.month_start is not null
  and {{ typed_figure('actions.figure') }} is not null -- X: not applicable
