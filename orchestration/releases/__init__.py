"""What a release is: the catalogue of datasets, their vocabulary, where releases are
found (landing folders, publishers' sites) and the archive that keeps them.

Nothing here knows how a file is laid out inside (`readers`) or what becomes of its
rows (`assets`)."""
