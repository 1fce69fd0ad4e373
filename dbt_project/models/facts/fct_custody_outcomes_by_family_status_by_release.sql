{{ custody_outcomes_by_release('family status', 'family_status') }}
