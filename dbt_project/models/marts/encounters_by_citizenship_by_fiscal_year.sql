{{ by_fiscal_year(ref('fct_encounters'), places=['land_border_region', 'component'], label='citizenship', has_other=true) }}
