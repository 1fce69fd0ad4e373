"""Comparing releases with earlier ones: corrections, revisions, holds and the decisions on
them."""
