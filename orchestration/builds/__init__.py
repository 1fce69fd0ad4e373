"""A run's database file: open, fill with raw tables, seal, publish, roll back.

What belongs here: files and their life. What the tables hold is said by the catalogue
and the dbt project, whether they may be trusted by the gates."""
