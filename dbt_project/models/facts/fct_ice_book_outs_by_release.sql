{{ ohss_by_release('ICE book-outs') }}
