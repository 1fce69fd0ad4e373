"""The report: pages that people open without SQL, from a published file alone.

What belongs here: choosing, drawing and describing figures that are in the file. No figure is
computed here that a table could have.
"""
