"""Live through the week and print it as the table in `docs/operations.md`.

    python -m tests.resilience.week [--messages]

--messages also prints every message in full.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.conftest import run_command
from tests.resilience.week.nights import outcomes, table_of, week_in


def main() -> int:
    """Print the week. Returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.resilience.week",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--messages", action="store_true", help="print the messages in full")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="week-") as name:
        folder = Path(name)
        run_command(folder / "bundle", "nightly")
        with week_in(folder, folder / "bundle") as week:
            nights = list(outcomes(week))
    print(table_of(nights))
    for night in nights if options.messages else ():
        for message in night.messages:
            print(f"\n{night.night}: {message.title}\n{message.body}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
