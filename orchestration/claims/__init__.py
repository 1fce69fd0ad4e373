"""Evaluating public statements against releases."""
