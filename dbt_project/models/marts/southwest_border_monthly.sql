{{ southwest_border_monthly(
  ref('fct_southwest_encounters'),
  ref('fct_encounters'),
  ref('fct_encounters_by_state'),
  "(select month, between_ports, at_large, release_id, is_provisional from " ~ ref('fct_at_large_by_release') ~ " where is_current)"
) }}
