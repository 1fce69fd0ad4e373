"""Ten nights of one installation that nobody watches: what happens, and who hears of it.

What belongs here: the sites, the clock, the nights, and the table of them that
`docs/operations.md` has.
"""
