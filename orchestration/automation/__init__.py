"""When and how runs happen: job, schedule, lock, console, and Dagster's history of runs."""
