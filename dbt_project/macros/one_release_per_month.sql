{#
  When each release was current, for each month and region of a cut: the newest published; at
  equal dates the most detailed, then the one with the latest month, then the later repost.
  A release is current from the day of its publication (`current_from`) until the day on which
  a later one of the month and region is published (`current_until`, not included). Where
  another of the same day takes precedence, a release is never current and both are NULL.
  Beside it, whether the month is provisional in the release.

  `encounters` names a relation with release_id, month, land_border_region and the
  dimensions in `broken_down`; a release that breaks down more of them is more detailed.
#}
{% macro one_release_per_month(encounters, broken_down) %}
  select
    covered.release_id,
    covered.month,
    covered.land_border_region,
    {{ current_from(
      ['covered.month', 'covered.land_border_region'],
      ['covered.dimensions_broken_down desc', 'releases.last_month desc', 'releases.repost desc', 'covered.release_id']
    ) }} as current_from,
    {{ current_until(['covered.month', 'covered.land_border_region']) }} as current_until,
    {{ is_provisional('covered.month', ['covered.release_id']) }} as is_provisional
  from (
    select
      release_id,
      month,
      land_border_region,
      {% for dimension in broken_down -%}
      max(({{ dimension }} <> {{ not_broken_down() }})::integer) {{ '+ ' if not loop.last }}
      {%- endfor %} as dimensions_broken_down
    from {{ encounters }}
    group by release_id, month, land_border_region
  ) as covered
  inner join {{ ref('stg_releases') }} as releases on releases.release_id = covered.release_id
{% endmacro %}

{# The day of publication, for the release that takes precedence among those of its day. #}
{% macro current_from(covered, order) -%}
  case
    when row_number() over (partition by {{ covered | join(', ') }}, releases.published_on order by {{ order | join(', ') }}) = 1
      then releases.published_on
  end
{%- endmacro %}

{# The day on which a current release was replaced: the next publication of what it covers. #}
{% macro current_until(covered) -%}
  case
    when current_from is not null then min(releases.published_on) over (
      partition by {{ covered | join(', ') }}
      order by releases.published_on
      range between interval 1 day following and unbounded following
    )
  end
{%- endmacro %}
