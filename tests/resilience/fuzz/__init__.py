"""Mutated and generated files, given to every reader.

    python -m tests.resilience.fuzz [--inputs N] [--seed S] [--reader NAME]… [--keep DIR]

The intake takes in each file in a watched process: it must archive the file, or refuse it with
a reason, within 10 seconds and 2 GB. What belongs where: `seeds` holds the original files,
`mutations` changes their bytes, `structures` their rows, columns and sheets; `watched_process`
runs the process, `intake_of_input` runs in it, `rounds` counts the outcomes.
"""
