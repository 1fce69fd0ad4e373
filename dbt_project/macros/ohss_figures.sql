{# Whether a heading looks like a total, which must be listed, rather than like a name. Equal to
   the reader's `LIKE_A_TOTAL`. #}
{% macro like_a_total(text) -%}
  regexp_matches({{ text }}, '(?i)\b(sub|grand)?-?totals?\b|^(all|overall|combined|sum)\b')
{%- endmacro %}

{# Convicted criminal or Not convicted, of a label of OHSS's tables by criminality. #}
{% macro criminality(label) -%}
  case
    when {{ label }} in ('Not convicted', 'Pending criminal charges', 'Other immigration violators') then 'Not convicted'
    else 'Convicted criminal'
  end
{%- endmacro %}

{# The dimensions of each subject of OHSS's other monthly tables, as its fact has them. #}
{% macro ohss_dimensions(subject) -%}
  {%- do return({
    'administrative arrests': ['breakdown', 'citizenship', 'criminality', 'criminality_detail'],
    'ICE book-ins': ['breakdown', 'citizenship', 'criminality', 'criminality_detail', 'arresting_agency'],
    'ICE book-outs': ['breakdown', 'criminality', 'criminality_detail', 'arresting_agency', 'outcome'],
    'credible fear': ['measure', 'region', 'citizenship', 'result'],
    'parole processes': ['measure', 'citizenship'],
    'repatriations': ['action', 'repatriation_kind'],
    'encounters': ['region', 'agency', 'encounter_kind', 'breakdown', 'citizenship', 'family_status'],
  }[subject]) -%}
{%- endmacro %}

{# A dimension of a fact, from the label of its breakdown. #}
{% macro ohss_dimension(name) -%}
  {%- set breakdowns = {
    'citizenship': "('citizenship', 'selected citizenship')",
    'criminality': "('criminality')",
    'criminality_detail': "('criminality')",
    'arresting_agency': "('arresting agency')",
    'result': "('result')",
    'repatriation_kind': "('repatriation kind')",
    'family_status': "('family status')",
  } -%}
  {%- if name not in breakdowns -%} {{ name }}
  {%- else -%}
  case
    when breakdown not in {{ breakdowns[name] }} then {{ not_broken_down() }}
    {% if name == 'criminality' -%}
    else {{ criminality('label') }}
    {%- elif name == 'criminality_detail' -%}
    when label in ('Convicted criminal', 'Not convicted') then {{ not_broken_down() }}
    else label
    {%- else -%}
    else label
    {%- endif %}
  end as {{ name }}
  {%- endif -%}
{%- endmacro %}

{# What every release reported of a subject. #}
{% macro ohss_by_release(subject) -%}
select
  table_name,
  month,
  fiscal_year,
  {% for name in ohss_dimensions(subject) -%}
  {{ ohss_dimension(name) }},
  {% endfor -%}
  people,
  rounded_to,
  is_provisional,
  release_id,
  current_from,
  current_until,
  is_current,
  correction
from {{ ref('int_ohss_by_release') }}
where subject = '{{ subject }}'
{%- endmacro %}

{# The rows of a subject that are current, or, in a table macro, were on its day. Without the
   database's name, so that the file can be copied or attached under another name. #}
{% macro ohss_figures(subject, by_release, as_of=false) -%}
{{ current_rows(
  by_release,
  ['month', 'fiscal_year'] + ohss_dimensions(subject) + ['people', 'rounded_to', 'is_provisional', 'release_id', 'correction'],
  as_of
) }}
{%- endmacro %}
