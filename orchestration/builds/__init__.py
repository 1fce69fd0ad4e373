"""A run's database file: open, fill with raw tables, seal, publish, roll back.

What belongs here: the life cycle of these files. The catalogue and the dbt project define the
tables; the gates decide whether they may be published."""
