"""`python -m tests.resilience.workers`: the agencies' releases on two workers, and a death in turn
of each. Prints a line for each fill; exit code 1 if one differs from that of a single process."""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.conftest import MORE_RELEASES, REAL_RELEASES
from tests.resilience.workers.scenario import alone, filled
from tests.support.postgres import programs

LANDING = [folder for folder in (REAL_RELEASES, MORE_RELEASES) if folder.is_dir()]
BATCHES = 8


def main() -> int:
    installed = programs()
    if installed is None or not LANDING:
        print("needs PostgreSQL's initdb and the agencies' files, found not both", file=sys.stderr)
        return 1
    failed = False
    with tempfile.TemporaryDirectory(prefix="workers-") as name:
        outcomes, digest = alone(Path(name, "alone"), LANDING)
        for dying in (None, "one", "two"):
            folder = Path(name, str(dying))
            found = filled(folder, installed, LANDING, LANDING, dying, BATCHES)
            is_right = (
                found.outcomes == outcomes
                and found.digest == digest
                and found.statuses == ["SUCCESS"]
                and not found.damaged
                and found.dead == ([] if dying is None else [-9])
            )
            failed |= not is_right
            again = sum(number - 1 for number in Counter(found.steps).values())
            print(
                f"{f'worker {dying} killed' if dying else 'nobody killed'}: "
                f"{len(found.outcomes)} outcomes, {again} steps begun again: "
                f"{'as by one process' if is_right else 'DIFFERS'}",
                flush=True,
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
