{{ ohss_by_release('parole processes') }}
