"""`python -m orchestration.cli`, for where the command is not on the PATH."""

from orchestration.cli.main import main

main()
