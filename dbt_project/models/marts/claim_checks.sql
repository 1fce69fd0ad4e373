with claims as (
  select
    claim_id,
    document,
    claim,
    trim(metric) as metric,
    period,
    trim(test) as test,
    value,
    unit,
    note,
    try_cast(stated_on as date) as stated_day,
    upper(trim(metric)[1]) || trim(metric)[2:] as metric_written,
    {{ period_written('trim(period)') }} as period_written
  from {{ ref('claims') }}
),

-- what is wrong with a row of the seed; the gate refuses a run with such a row
examined as (
  select
    claims.claim_id,
    claims.document,
    claims.stated_day,
    claims.claim,
    claims.metric,
    claims.metric_written,
    claims.period,
    claims.period_written,
    claims.test,
    claims.value,
    claims.unit,
    claims.note,
    metrics.series,
    case
      when claims.test like 'not measurable%' then null
      when metrics.series is null then format('Unknown metric {}.', coalesce(claims.metric, ''))
      when not coalesce({{ is_known_test('claims.test') }}, false) then format('Unknown test {}.', coalesce(claims.test, ''))
      when {{ period_start('trim(claims.period)') }} is null or {{ period_end('trim(claims.period)') }} is null then
        format('Unknown period {}.', coalesce(claims.period, ''))
      when {{ is_test_of_a_number('claims.test') }} and try_cast(claims.value as double) is null then
        format('Unknown value {}.', coalesce(claims.value, ''))
    end as complaint
  from claims
  left join {{ ref('claim_metrics') }} as metrics on metrics.metric = claims.metric
),

tested as (
  select
    claims.claim_id,
    claims.document,
    claims.stated_day,
    claims.claim,
    claims.metric,
    claims.period,
    claims.test,
    claims.value,
    claims.unit,
    claims.note,
    claims.complaint,
    at_the_time.found as value_then,
    today.found as value_now,
    list_sort(coalesce(at_the_time.releases, [])) as evidence_then,
    list_sort(list_distinct(list_concat(coalesce(at_the_time.releases, []), coalesce(today.releases, [])))) as evidence,
    case
      when claims.test like 'not measurable%' then 'not measurable'
      when claims.complaint is not null then null
      when today.holds and today.is_exact then 'supported'
      when today.holds then 'supported after rounding'
      when at_the_time.holds then 'supported when stated, revised since'
      when not today.holds then 'contradicted'
      else 'not measurable'
    end as verdict,
    {{ claim_subject('claims') }} as subject,
    {{ claim_addendum('claims', 'today') }} as addendum
  from examined as claims
  left join {{ ref('claim_tests') }} as at_the_time
    on at_the_time.claim_id = claims.claim_id and at_the_time.vantage = 'then'
  left join {{ ref('claim_tests') }} as today on today.claim_id = claims.claim_id and today.vantage = 'now'
)

select
  claim_id,
  document,
  stated_day as stated_on,
  claim,
  metric,
  period,
  test,
  value as stated_value,
  unit,
  value_then,
  value_now,
  verdict,
  evidence,
  evidence_then,
  concat_ws(
    ' ',
    case
      when complaint is not null then complaint
      when test like 'not measurable%' then 'None of these releases counts it.'
      else subject || ': ' || case
        when value_now is null and value_then is null then 'unknown in these releases.'
        when value_then is null then
          format('{} today; nothing in this archive published by {} shows it.', {{ value_written('value_now') }}, {{ day_written('stated_day') }})
        when value_now is null then
          format('{} as of {}; not known today.', {{ value_written('value_then') }}, {{ day_written('stated_day') }})
        when value_then = value_now then
          format('{}, as of {} and today.', {{ value_written('value_now') }}, {{ day_written('stated_day') }})
        else
          format('{} as of {}, {} today.', {{ value_written('value_then') }}, {{ day_written('stated_day') }}, {{ value_written('value_now') }})
      end
    end,
    addendum,
    case when note is not null then upper(note[1]) || note[2:] || '.' end
  ) as note
from tested
