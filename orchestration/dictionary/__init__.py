"""The data dictionary: what a published file says of its tables, and a picture of them.

What belongs here: reading it from the file alone. How it is shown is in `report`.
"""
