{#
  Which release is current for each month and region of a cut: the newest published; at
  equal dates the most detailed, then the one that reaches further, then the later posting.

  `encounters` names a relation with release_id, month, land_border_region and the
  dimensions in `broken_down`; the release that breaks down more of them has more detail.
#}
{% macro one_release_a_month(encounters, broken_down) %}
  select
    covered.release_id,
    covered.month,
    covered.land_border_region,
    releases.published_on,
    row_number() over (
      partition by covered.month, covered.land_border_region
      order by
        releases.published_on desc,
        covered.dimensions_broken_down desc,
        releases.last_month desc,
        releases.posting desc,
        covered.release_id
    ) = 1 as is_current
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
