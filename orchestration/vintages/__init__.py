"""Vintages: what each release changed of what the one before it said, whether it may stand,
and which of the publishers' errors are known.

What belongs here: comparing releases of one dataset with each other. What a single file must
be is judged in `intake`; how the tables of all releases are made is said by the dbt project."""
