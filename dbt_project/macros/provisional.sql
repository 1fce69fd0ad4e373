{#
  Whether a month may still be revised: its fiscal year is open in the release that the row is from.
  A release closes a fiscal year once it has a month from that year's September on.

  month: the row's month. within: the columns, among them the release, whose rows together are one
  series of months; a table that ends earlier than others of its release closes its years later.
  The relation must have all the months of the series.
#}
{% macro is_provisional(month, within) -%}
  max({{ month }}) over (partition by {{ within | join(', ') }}) < make_date(main.fiscal_year({{ month }})::integer, 9, 1)
{%- endmacro %}
