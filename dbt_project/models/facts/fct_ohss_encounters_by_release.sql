{{ ohss_by_release('encounters') }}
