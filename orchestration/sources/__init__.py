"""Where candidate files come from: landing folders and publishers' sites. Nothing here looks
inside a file, beyond telling a file from a page of HTML."""
