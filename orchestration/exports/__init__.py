"""Exports: the published tables as files for other tools, and what whoever gets them must know.

What belongs here: writing the tables of a published file as CSV and Parquet, and describing them as
a data package. No figure is computed here.
"""
