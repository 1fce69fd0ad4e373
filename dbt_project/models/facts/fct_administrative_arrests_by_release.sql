{{ ohss_by_release('administrative arrests') }}
