{{ ohss_by_release('ICE book-ins') }}
