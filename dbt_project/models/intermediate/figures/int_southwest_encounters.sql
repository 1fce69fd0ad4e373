{{ stacked(
  tables=[
    ref('stg_cbp_southwest_encounters'),
    ref('stg_cbp_southwest_summary'),
    ref('stg_cbp_southwest_migration_pages')
  ],
  columns=[
    'release_id',
    'row_number',
    'month',
    'component',
    'demographic',
    'demographic_category',
    'citizenship',
    'title_of_authority',
    'encounter_type',
    'encounters',
    'correction'
  ]
) }}
