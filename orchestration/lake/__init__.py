"""The published build in DuckLake, for readers on other machines.

What belongs here: writing a build's tables into a lake whose catalogue is in PostgreSQL, as one
snapshot, and what snapshots there are. The published file stays the first; nothing reads the lake
but to bring it up to date.
"""
