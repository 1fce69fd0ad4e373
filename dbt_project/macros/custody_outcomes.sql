{#
  One cut of the outcomes of CBP's custody, with the rows of every release. A month is current from
  one release as a whole, because its outcomes are parts of one total: the newest published, at
  equal dates the workbook before the web table, then the later repost.

  cut: as int_custody_outcomes names it. dimension: the column of its labels.
#}
{% macro custody_outcomes_by_release(cut, dimension) -%}
with figures as (
  select release_id, preference, month, {{ dimension }}, outcome, people, correction
  from {{ ref('int_custody_outcomes') }}
  where cut = '{{ cut }}'
),

covered as (
  select distinct release_id, preference, month
  from figures
),

dated as (
  select
    covered.release_id,
    covered.month,
    {{ is_provisional('covered.month', ['covered.release_id']) }} as is_provisional,
    {{ current_from(
      ['covered.month'],
      ['covered.preference', 'releases.repost desc', 'covered.release_id']
    ) }} as current_from,
    {{ current_until(['covered.month']) }} as current_until
  from covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
)

select
  figures.month,
  main.fiscal_year(figures.month) as fiscal_year,
  figures.{{ dimension }},
  figures.outcome,
  figures.people,
  10::bigint as rounded_to,
  dated.is_provisional,
  figures.release_id,
  dated.current_from,
  dated.current_until,
  dated.current_from is not null and dated.current_until is null as is_current,
  figures.correction
from figures
inner join dated on dated.release_id = figures.release_id and dated.month = figures.month
{%- endmacro %}
