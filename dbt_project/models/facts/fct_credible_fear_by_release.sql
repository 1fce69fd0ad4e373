{{ ohss_by_release('credible fear') }}
