"""`python -m orchestration.cli`, for when the command is not on the PATH."""

from orchestration.cli.main import main

main()
