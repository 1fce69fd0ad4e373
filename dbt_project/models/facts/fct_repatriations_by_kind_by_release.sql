{{ ohss_by_release('repatriations') }}
