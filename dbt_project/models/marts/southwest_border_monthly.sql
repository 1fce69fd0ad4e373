{{ southwest_border_monthly() }}
