{{ by_fiscal_year(ref('fct_border_patrol_by_sector'), places=['sector']) }}
