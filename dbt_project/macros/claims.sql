{# A number for readers: 46,610; with two decimals where it has a fraction. #}
{% macro written(number) -%}
  case
    when round({{ number }}, 2) = round({{ number }}) then format('{:,}', round({{ number }})::bigint)
    else format('{:,.2f}', round({{ number }}, 2)::double)
  end
{%- endmacro %}

{# A number as a value: 46610; with two decimals where it has a fraction. #}
{% macro plain(number) -%}
  case
    when round({{ number }}, 2) = round({{ number }}) then round({{ number }})::bigint::varchar
    else format('{:.2f}', round({{ number }}, 2)::double)
  end
{%- endmacro %}

{# A month as a value (2024-11), and for readers (November 2024). #}
{% macro month_value(month) -%} strftime({{ month }}, '%Y-%m') {%- endmacro %}
{% macro month_written(month) -%} strftime({{ month }}, '%B %Y') {%- endmacro %}

{# Whether claim_checks has a test of this name. #}
{% macro is_known_test(test) -%}
  (
    {{ test }} in (
      'equals', 'more than', 'fewer than', 'up to', 'percent change', 'lowest since', 'highest since',
      'lowest in years', 'first month above', 'every month lower than the one before', 'highest month',
      'lowest month', 'highest fiscal year since'
    )
    or regexp_matches({{ test }}, '^(lowest|highest) month since \d{4}-\d{2}$')
    or {{ test }} like 'not measurable%'
  )
{%- endmacro %}

{# Whether the stated value of a test is a number, not a month or a year. #}
{% macro is_test_of_a_number(test) -%}
  {{ test }} in ('equals', 'more than', 'fewer than', 'up to', 'percent change', 'lowest in years', 'first month above')
{%- endmacro %}

{# A period for readers: August 2019; May 2019 to August 2019; FY2024. #}
{% macro period_written(period) -%}
  case
    when {{ period }} like 'FY%' then {{ period }}
    when {{ period }} like '%/%' then
      {{ month_written(period_start(period)) }} || ' to ' || {{ month_written(period_end(period)) }}
    else {{ month_written(period_start(period)) }}
  end
{%- endmacro %}

{% macro day_written(day) -%} strftime({{ day }}, '%-d %B %Y') {%- endmacro %}

{# A found value for readers: 46,610; November 2024; -17.53; yes. #}
{% macro value_written(value) -%}
  case
    when regexp_full_match({{ value }}, '-?\d+(\.\d+)?') then {{ written("try_cast(" ~ value ~ " as double)") }}
    when regexp_full_match({{ value }}, '\d{4}-\d{2}') then {{ month_written("try_cast(" ~ value ~ " || '-01' as date)") }}
    when regexp_full_match({{ value }}, '\d+ to \d+') then
      {{ written("try_cast(split_part(" ~ value ~ ", ' to ', 1) as double)") }}
      || ' to ' || {{ written("try_cast(split_part(" ~ value ~ ", ' to ', 2) as double)") }}
    when {{ value }} = 'true' then 'yes'
    when {{ value }} = 'false' then 'no'
    else {{ value }}
  end
{%- endmacro %}

{# What a test looks for: the first part of the printed note. #}
{% macro claim_subject(claims) -%}
  {{ claims }}.metric_written || ', ' || case
    when {{ claims }}.test = 'percent change' then 'change from ' || {{ claims }}.period_written || ' in percent'
    when {{ claims }}.test = 'lowest since' then 'last month as low as ' || {{ claims }}.period_written
    when {{ claims }}.test = 'highest since' then 'last month as high as ' || {{ claims }}.period_written
    when {{ claims }}.test = 'lowest in years' then
      'full years before ' || {{ claims }}.period_written || ' without a month as low'
    when {{ claims }}.test = 'first month above' then
      concat_ws(' ', 'first month above', {{ claims }}.value, {{ claims }}.unit)
    when {{ claims }}.test = 'every month lower than the one before' then
      'every month lower than the one before from ' || {{ claims }}.period_written
    when {{ claims }}.test = 'highest fiscal year since' then 'last fiscal year as high as ' || {{ claims }}.period_written
    when {{ claims }}.test in ('highest month', 'lowest month') then
      {{ claims }}.test || ' of ' || {{ claims }}.period_written
    when {{ claims }}.test like '%est month%' then {{ claims }}.period_written || ' as the ' || {{ claims }}.test
    else {{ claims }}.period_written
  end
{%- endmacro %}

{# What else a reader must know about what a test found; NULL if nothing. #}
{% macro claim_addendum(claims, found) -%}
  case
    when {{ claims }}.test = 'every month lower than the one before' and len({{ found }}.months_that_rose) > 0 then
      array_to_string(list_transform({{ found }}.months_that_rose, lambda month: {{ month_written('month') }}), ' and ')
      || ' rose.'
    when {{ claims }}.test = 'highest fiscal year since' and {{ found }}.value_as_high is not null then
      format(
        'It had {}, against {}{}.',
        {{ written(found ~ ".value_as_high") }},
        case when {{ found }}.is_at_least then 'a stated "over" ' else '' end,
        {{ written(found ~ ".value") }}
      )
    when {{ found }}.is_statement then
      'No release covers the whole period; the number is an official''s'
      || case when {{ found }}.is_at_least then ', who said "over"' else '' end
      || coalesce(
        format(
          '; the months known, to {}, add up to {}',
          {{ month_written(found ~ ".last_known") }},
          {{ written(found ~ ".known_sum") }}
        ),
        ''
      )
      || '.'
    when {{ claims }}.test = 'first month above' and {{ found }}.months_unknown > 0 then
      format('{} earlier months are unknown.', {{ found }}.months_unknown)
    when {{ found }}.statements is not null then
      format(
        '{} statements span the period and contradict one another; no official series supports them.',
        {{ found }}.statements
      )
  end
{%- endmacro %}
