"""Comparing releases with earlier ones: corrections, revisions, holds and the decisions that
people take on them."""
