{{ custody_outcomes_by_release('agency', 'agency') }}
