"""Releases: the archive with the record, bytes and parsed rows of each. Nothing here knows
where a release came from or how its file is laid out."""
