{{ by_fiscal_year(ref('fct_border_patrol_by_region'), places=['land_border_region']) }}
