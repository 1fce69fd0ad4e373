"""Alerts: one message about each thing that is wrong, to the channels in BORDERLEDGER_ALERTS.

`announce` is the entry point, for the command at its end and for Dagster's sensor. Nothing here
imports Apprise until there is a message to send, and nothing here fails a run.
"""
