"""Files that nobody would publish, given to every reader.

    python -m tests.resilience.fuzz [--inputs N] [--seed S] [--reader NAME]… [--keep DIR]

Each file is offered to the intake in a process that is watched: it must be archived or refused
with a reason, within 10 seconds and 2 GB. What belongs where: `seeds` holds the files to begin
with, `mutations` changes their bytes, `structures` their rows, columns and sheets; `watching`
keeps the process, `judging` runs in it, `rounds` counts what became of the files.
"""
