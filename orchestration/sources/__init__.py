"""Sources: where candidate files come from, landing folders and publishers' sites. Nothing
here parses a file; all that is checked is that it is not an HTML page."""
