"""The archive: every release with its record, its bytes and its parsed rows. Nothing here
knows where a release came from or how its file is laid out."""
