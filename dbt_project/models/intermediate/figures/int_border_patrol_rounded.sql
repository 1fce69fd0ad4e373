-- OHSS's series of Border Patrol encounters, by region or by sector.
{{ stacked(
  tables=[
    ref('stg_ohss_key_metrics_usbp'),
    ref('stg_ohss_usbp_summary_by_region'),
    ref('stg_ohss_usbp_summary_by_sector')
  ],
  columns=[
    'release_id',
    'preference',
    'month',
    'is_by_sector',
    'land_border_region',
    'sector',
    'encounters',
    'correction'
  ]
) }}
