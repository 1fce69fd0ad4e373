{{ by_fiscal_year(ref('fct_encounters_by_state'), places=['land_border_region'], label='state') }}
