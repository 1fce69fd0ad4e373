"""Intake: from a candidate file to an archived release, or to a refusal with its reason."""
