{{ stacked(
  tables=[
    ref('stg_cbp_nationwide_encounters_by_area'),
    ref('stg_cbp_southwest_summary_by_area')
  ],
  columns=[
    'release_id',
    'row_number',
    'month',
    'land_border_region',
    'component',
    'area_of_responsibility',
    'demographic',
    'demographic_category',
    'citizenship',
    'title_of_authority',
    'encounter_type',
    'encounters',
    'correction'
  ]
) }}
