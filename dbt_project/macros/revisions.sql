{# The dimensions of a cut, other than the month and the region. #}
{% macro dimensions_of(cut) -%}
  {%- do return({
    'southwest': ['component', 'demographic', 'citizenship', 'title_of_authority', 'encounter_type'],
    'area': ['component', 'area_of_responsibility', 'demographic', 'citizenship', 'title_of_authority', 'encounter_type'],
    'state': ['state', 'demographic', 'citizenship', 'title_of_authority'],
  }[cut]) -%}
{%- endmacro %}

{# The table with the rows of every release of a cut. #}
{% macro by_release(cut) -%}
  {%- do return(ref({
    'southwest': 'fct_southwest_encounters_by_release',
    'area': 'fct_encounters_by_release',
    'state': 'fct_encounters_by_state_by_release',
  }[cut])) -%}
{%- endmacro %}

{# The region of a row; the southwest cut has only one. #}
{% macro region_of(cut) -%}
  {{ "'Southwest Land Border'" if cut == 'southwest' else 'land_border_region' }}
{%- endmacro %}

{# The dimensions of all cuts. #}
{% macro cell_dimensions() -%}
  {%- do return([
    'component', 'area_of_responsibility', 'state', 'demographic', 'citizenship', 'title_of_authority', 'encounter_type'
  ]) -%}
{%- endmacro %}

{#
  How a cell changed. Where all the changes of a month leave its total as it was, people were
  moved between categories.
#}
{% macro revision_kind(before, after, month) -%}
  case
    when sum(coalesce({{ after }}, 0) - coalesce({{ before }}, 0)) over (partition by {{ month | join(', ') }}) = 0 then 'relabelled'
    when {{ before }} is null then 'added'
    when {{ after }} is null then 'withdrawn'
    else 'revised'
  end
{%- endmacro %}

{#
  What changed in each month from a release to the next one. `compared` has a row per cell, with
  its value `before` and `after`, and `is_changed`.
#}
{% macro changes_by_month(compared) -%}
  select
    cut,
    earlier_release_id,
    later_release_id,
    month,
    main.fiscal_year(month) as fiscal_year,
    count(*) as cells_compared,
    count(*) filter (where is_changed) as cells_changed,
    count(*) filter (where is_changed and before is null) as cells_new,
    count(*) filter (where is_changed and after is null) as cells_gone,
    coalesce(sum(before), 0)::bigint as total_before,
    coalesce(sum(after), 0)::bigint as total_after,
    coalesce(sum({{ difference('before', 'after') }}) filter (where is_changed), 0)::bigint as net_change,
    coalesce(max(abs({{ difference('before', 'after') }})) filter (where is_changed), 0)::bigint as largest_change,
    round(100.0 * net_change / nullif(total_before, 0), 3)::double as net_change_percent
  from {{ compared }}
  group by cut, earlier_release_id, later_release_id, month
{%- endmacro %}

{# By how much a cell changed; a cell that a release lacks counts as zero. #}
{% macro difference(before, after) -%}
  (coalesce({{ after }}, 0) - coalesce({{ before }}, 0))::bigint
{%- endmacro %}

{# A year to date that covers more days, or an unknown number, and is no lower has grown; it is
   not a revision. #}
{% macro is_growth_of_a_year_to_date() -%}
  coalesce(coalesce(period_end_after > period_end_before, true) and people_after >= people_before, false)
{%- endmacro %}

{#
  The months that two releases of a series share, for each two of which one followed the other in
  some month: the common table expression `months`, and those before it.

  figures: a relation with release_id, month, current_from and the series.
#}
{% macro months_of_consecutive_releases(figures, series) -%}
covered as (
  select distinct {{ series }}, release_id, month, current_from
  from {{ figures }}
),

consecutive as (
  select
    {{ series }},
    lag(release_id) over (
      partition by {{ series }}, month
      order by current_from
    ) as earlier_release_id,
    release_id as later_release_id
  from covered
  where current_from is not null
),

pairs as (
  select distinct {{ series }}, earlier_release_id, later_release_id
  from consecutive
  where earlier_release_id is not null
),

months as (
  select pairs.{{ series }}, pairs.earlier_release_id, pairs.later_release_id, earlier.month
  from pairs
  inner join covered as earlier
    on earlier.{{ series }} = pairs.{{ series }}
    and earlier.release_id = pairs.earlier_release_id
  inner join covered as later
    on later.{{ series }} = pairs.{{ series }}
    and later.release_id = pairs.later_release_id
    and later.month = earlier.month
)
{%- endmacro %}
