{# What a dimension reads where the release does not break it down. #}
{% macro not_broken_down() -%} 'Not broken down' {%- endmacro %}

{# A text in lower case with single spaces; `\s` would miss the no-break space. Equal to `fold` of
   the catalogue's vocabulary. #}
{% macro folded(text) -%}
  lower(trim(regexp_replace(nfc_normalize({{ text }}), '[\p{Z}\p{Cc}]+', ' ', 'g')))
{%- endmacro %}

{# Joins the vocabulary's entry for a label column of `published`. #}
{% macro join_label(dimension) -%}
  left join {{ source('raw', 'vocabulary') }} as {{ dimension }}_entry
    on {{ dimension }}_entry.dimension = '{{ dimension }}'
    and {{ dimension }}_entry.spelling = {{ folded('published.' ~ dimension) }}
{%- endmacro %}

{# The label in its listed form; an empty cell means that the release does not break it down. #}
{% macro label(dimension) -%}
  case
    when {{ folded('published.' ~ dimension) }} = '' then {{ not_broken_down() }}
    else {{ dimension }}_entry.label
  end
{%- endmacro %}

{# A count as published (9584, 9584.0, "60,781") as a number. #}
{% macro typed_count(text) -%}
  replace(split_part({{ unpadded(text) }}, '.', 1), ',', '')::bigint
{%- endmacro %}

{# A citizenship in the spelling of CBP's nationwide files: upper case, single spaces. #}
{% macro citizenship(text) -%}
  upper({{ folded(text) }})
{%- endmacro %}
